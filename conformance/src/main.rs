//! `qualitymax-conformance`: see `qualitymax-conformance --help`.

fn main() -> std::process::ExitCode {
    qualitymax_conformance::cli::main()
}
