//! The map from names back to originals: a file of its own, for its owner only.

use super::Redaction;
use serde::Serialize;

/// What the file says it is.
const SCHEMA: &str = "pkgtrail-redaction-1";

#[derive(Serialize)]
struct Map<'a> {
    schema: &'static str,
    tool: String,
    names: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    kind: String,
    /// In lower case: one name stands for all spellings.
    original: &'a str,
}

impl Redaction {
    /// The map as JSON, sorted by kind and original.
    pub fn map(&self) -> String {
        let names = self.names().map(|(kind, original, name)| Entry {
            name,
            kind: kind.name().to_lowercase(),
            original,
        });
        let map = Map {
            schema: SCHEMA,
            tool: format!("pkgtrail {}", env!("CARGO_PKG_VERSION")),
            names: names.collect(),
        };
        // A list of texts always has a JSON.
        let json = serde_json::to_string_pretty(&map).unwrap_or_default();
        crate::model::text::escape_json(json) + "\n"
    }
}

/// Whether a file that begins so is a map of ours. The first 100 bytes decide.
pub fn is_map_head(head: &[u8]) -> bool {
    let begins = format!("{{\n  \"schema\": \"{SCHEMA}\"");
    head.starts_with(begins.as_bytes())
}
