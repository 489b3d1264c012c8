//! `qualitymax`: see `qualitymax --help`.

fn main() -> std::process::ExitCode {
    qualitymax_server::cli::main()
}
