//! `pkgtrail completions` and `pkgtrail man`: made from the arguments, so that they cannot lag behind.

use super::End;
use super::arguments::{Arguments, Completions, Man};
use anyhow::{Context, Result};
use clap::CommandFactory;
use std::io::Write;

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
    clap_mangen::generate_to(Arguments::command(), folder).with_context(problem)?;
    Ok(End::Whole)
}
