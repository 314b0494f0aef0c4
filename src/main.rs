//! Parse, run, print the error with its hint, and leave with the designed exit code.

#[global_allocator]
static ALLOCATOR: tongbao::memory::Wiping = tongbao::memory::Wiping;

fn main() -> std::process::ExitCode {
    tongbao::cli::main()
}
