//! The program; everything it does is in the library.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(interlude::cli::run())
}
