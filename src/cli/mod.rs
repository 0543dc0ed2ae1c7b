//! The command line: the only module that prints, and the only one that knows all stages.

mod arguments;
mod colour;
mod explain;
pub mod gather;
mod generated;
mod interrupt;
mod messages;
mod output;
mod pictures;
mod progress;
mod redacted;
mod report;
mod schema;
mod similar;
mod snapshots;
mod timeline;
mod unfinished;

use crate::model::text::is_treacherous;
use crate::render::xlsx;
use anyhow::Result;
use arguments::{Arguments, Command};
use clap::{CommandFactory, FromArgMatches};
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
    hush();
    let arguments = parse();
    let ended: Result<End> = match arguments.command {
        Command::Report(options) => report::run(&options),
        Command::Timeline(options) => timeline::run(&options),
        Command::Snapshots(options) => snapshots::run(&options),
        Command::Messages(options) => messages::run(&options),
        Command::Explain(options) => explain::run(&options),
        Command::Schema => schema::run(),
        Command::Completions(options) => generated::completions(&options),
        Command::Man(options) => generated::man(&options),
    };
    match ended {
        Ok(End::Whole) => ExitCode::SUCCESS,
        Ok(End::Lossy) => ExitCode::from(1),
        // The reader went away (`pkgtrail ... | head`); nobody is left to tell.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            colour::tell(
                colour::ERROR,
                "error",
                &output::clean(&format!("{error:#}")),
            );
            ExitCode::from(2)
        }
    }
}

/// Prints no panic that is told as an error anyway; all others are printed as usual.
fn hush() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |about| {
        let told = about.to_string();
        if xlsx::is_told(about) {
        } else if told.contains(|one| one != '\n' && is_treacherous(one)) {
            // A panic may quote the text over which it stumbled.
            anstream::eprintln!("{}", output::clean(&told));
        } else {
            usual(about);
        }
    }));
}

/// Parses; wrong usage and `--help` end the program, in the colours that are asked for.
fn parse() -> Arguments {
    let colours = colour::choose(colour::asked(std::env::args_os()));
    let matches = Arguments::command().color(colours).try_get_matches();
    let parsed = matches.and_then(|matches| Arguments::from_arg_matches(&matches));
    parsed.unwrap_or_else(|error| {
        // clap repeats what it does not understand, and a shell's `*` puts names of files there.
        let treacherous = |one: &std::ffi::OsString| one.to_string_lossy().contains(is_treacherous);
        if error.use_stderr() && std::env::args_os().any(|one| treacherous(&one)) {
            let text = error.render().to_string();
            let lines: Vec<String> = text.lines().map(output::clean).collect();
            anstream::eprintln!("{}", lines.join("\n"));
            std::process::exit(error.exit_code());
        }
        error.exit()
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.map(std::io::Error::kind)
        .any(|kind| kind == std::io::ErrorKind::BrokenPipe)
}
