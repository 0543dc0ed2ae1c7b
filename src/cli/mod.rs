//! The command line: the only module that prints, and the only one that knows all stages.

mod arguments;
mod explain;
pub mod gather;
mod interrupt;
mod messages;
mod output;
mod pictures;
mod report;
mod schema;
mod snapshots;
mod timeline;

use anyhow::Result;
use arguments::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

/// How a run ended; the exit status of `contract.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Everything was read and written.
    Whole,
    /// The output is written, but evidence was lost.
    Lossy,
}

/// Parses the arguments, runs the command and gives the exit status. Errors go to standard error.
pub fn run() -> ExitCode {
    interrupt::watch();
    let arguments = Arguments::parse();
    let ended: Result<End> = match arguments.command {
        Command::Report(options) => report::run(&options),
        Command::Timeline(options) => timeline::run(&options),
        Command::Snapshots(options) => snapshots::run(&options),
        Command::Messages(options) => messages::run(&options),
        Command::Explain(options) => explain::run(&options),
        Command::Schema => schema::run(),
    };
    match ended {
        Ok(End::Whole) => ExitCode::SUCCESS,
        Ok(End::Lossy) => ExitCode::from(1),
        // The reader went away (`pkgtrail ... | head`); nobody is left to tell.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", output::clean(&format!("{error:#}")));
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.map(std::io::Error::kind)
        .any(|kind| kind == std::io::ErrorKind::BrokenPipe)
}
