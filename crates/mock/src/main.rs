//! `qualitymax-mock`: see `qualitymax-mock --help`.

fn main() -> std::process::ExitCode {
    qualitymax_mock::cli::main()
}
