//! The program: hands its arguments over and ends with what comes back.

use std::process::ExitCode;

fn main() -> ExitCode {
    plugg::cli::main(std::env::args_os())
}
