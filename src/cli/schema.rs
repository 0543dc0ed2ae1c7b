//! `pkgtrail schema`: the JSON Schema of `verdicts.json`, for scripts that want to check what they read.

use super::End;
use crate::render::json::VERDICTS_SCHEMA;
use anyhow::Result;
use std::io::Write;

pub fn run() -> Result<End> {
    write!(std::io::stdout().lock(), "{VERDICTS_SCHEMA}")?;
    Ok(End::Whole)
}
