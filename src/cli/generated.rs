//! `pkgtrail completions` and `pkgtrail man`: made from the arguments, so that they cannot lag behind.

use super::arguments::{Arguments, Completions, Man};
use super::{End, output};
use anyhow::{Context, Result};
use clap::CommandFactory;
use std::io::Write;
use std::path::Path;

pub fn completions(options: &Completions) -> Result<End> {
    // The library panics where it cannot write, so it writes to memory.
    let mut text = Vec::new();
    clap_complete::generate(
        options.shell,
        &mut Arguments::command(),
        "pkgtrail",
        &mut text,
    );
    std::io::stdout().lock().write_all(&text)?;
    Ok(End::Whole)
}

pub fn man(options: &Man) -> Result<End> {
    let Some(folder) = &options.folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
        std::io::stdout().lock().write_all(&page)?;
        return Ok(End::Whole);
    };
    let problem = || format!("cannot write the pages to `{}`", folder.display());
    std::fs::create_dir_all(folder).with_context(problem)?;
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    pages(&command, folder)?;
    Ok(End::Whole)
}

/// Writes the page of a command and those of its sub-commands.
///
/// Not by the library, which writes over what is there in place, and through links.
fn pages(command: &clap::Command, folder: &Path) -> Result<()> {
    for one in command.get_subcommands().filter(|one| !one.is_hide_set()) {
        pages(one, folder)?;
    }
    let page = clap_mangen::Man::new(command.clone());
    output::write(folder, &page.get_filename(), |out| Ok(page.render(out)?))
}
