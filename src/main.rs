//! Parse, run, print the error with its hint, and leave with the designed exit code.

fn main() -> std::process::ExitCode {
    tongbao::cli::main()
}
