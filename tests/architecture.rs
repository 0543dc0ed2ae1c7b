//! Keeps the import table of `src/lib.rs` true: who may import whom, and who alone uses which library.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Module, what it may import, and the libraries that only it may use.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    ("model", &[], &[]),
    ("redact", &["model"], &["regex", "aho_corasick"]),
    (
        "evidence",
        &["model"],
        &["zip", "tar", "sevenz_rust2", "walkdir", "flate2"],
    ),
    (
        "ingest",
        &["model", "evidence"],
        &[
            "regex",
            "nom",
            "quick_xml",
            "encoding_rs",
            "aho_corasick",
            "toml",
        ],
    ),
    (
        "timeline",
        &["model"],
        &[
            "polars",
            "polars_arrow",
            "polars_io",
            "polars_parquet",
            "zstd",
        ],
    ),
    ("analysis", &["model", "timeline"], &[]),
    (
        "render",
        &["model", "timeline"],
        &[
            "plotters",
            "askama",
            "comfy_table",
            "rust_xlsxwriter",
            "flate2",
        ],
    ),
    (
        "cli",
        &[
            "model", "redact", "evidence", "ingest", "timeline", "analysis", "render",
        ],
        &[
            "clap",
            "clap_complete",
            "clap_mangen",
            "anyhow",
            "tempfile",
            "ctrlc",
            "indicatif",
            "opener",
            "anstream",
            "anstyle",
        ],
    ),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") && !is_test(&path) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Files that are compiled for tests only may use anything.
fn is_test(path: &Path) -> bool {
    ["tests.rs", "testing.rs", "fixture.rs"]
        .iter()
        .any(|name| path.ends_with(name))
}

/// The code of a file without comments and without its tests, which may use anything.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let code = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let lines = code
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

fn stages() -> BTreeMap<&'static str, Vec<(PathBuf, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    TABLE
        .iter()
        .map(|(module, ..)| {
            let files = sources(&root.join(module))
                .into_iter()
                .map(|path| (path.clone(), code(&path)));
            (*module, files.collect())
        })
        .collect()
}

/// Modules that `crate::{a, b::c}` and `crate::a` name in `code`.
fn imported(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (place, _) in code.match_indices("crate::") {
        let rest = &code[place + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => names.push(std::mem::take(&mut name)),
                    _ if depth == 0 => name.push(letter),
                    _ => {}
                }
            }
            names.push(name);
        } else {
            names.push(
                rest.chars()
                    .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                    .collect(),
            );
        }
    }
    names
        .iter()
        .map(|name| {
            name.trim()
                .split("::")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        })
        .collect()
}

#[test]
fn every_module_of_src_is_in_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in std::fs::read_dir(root).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let known = TABLE.iter().any(|(module, ..)| *module == name)
            || ["lib.rs", "main.rs"].contains(&name.as_str());
        assert!(known, "src/{name} is not in the import table");
    }
}

#[test]
fn stages_import_only_what_the_table_allows() {
    for (module, files) in stages() {
        let (_, allowed, _) = TABLE.iter().find(|(name, ..)| *name == module).unwrap();
        assert!(!files.is_empty(), "{module} has no source");
        for (path, code) in files {
            for name in imported(&code) {
                let stage = TABLE.iter().any(|(stage, ..)| *stage == name);
                let ok = !stage || name == module || allowed.contains(&name.as_str());
                assert!(
                    ok,
                    "{} imports {name}, which {module} may not",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn libraries_stay_in_their_stage() {
    for (module, files) in stages() {
        for (path, code) in files {
            for (owner, _, libraries) in TABLE {
                for library in *libraries {
                    let used = code.contains(&format!("use {library}::"))
                        || code.contains(&format!(" {library}::"));
                    let allowed = TABLE
                        .iter()
                        .any(|(one, _, theirs)| *one == module && theirs.contains(library));
                    assert!(
                        !used || allowed,
                        "{} uses {library}, which only {owner} may",
                        path.display()
                    );
                }
            }
        }
    }
}

#[test]
fn only_the_command_line_prints_and_nothing_asks_the_clock() {
    for (module, files) in stages() {
        for (path, code) in files {
            let prints = ["println!", "print!(", "eprintln!", "stdout()", "dbg!"]
                .iter()
                .any(|word| code.contains(word));
            assert!(!prints || module == "cli", "{} prints", path.display());
            let asks = ["SystemTime::now", "Instant::now", "Local::now", "Utc::now"]
                .iter()
                .any(|word| code.contains(word));
            assert!(!asks, "{} asks the clock", path.display());
            assert!(!code.contains("unsafe "), "{} is unsafe", path.display());
            let unordered = code.contains("HashMap") || code.contains("HashSet");
            assert!(!unordered, "{} uses a map without an order", path.display());
        }
    }
}

#[test]
fn the_table_in_the_architecture_document_is_this_one() {
    let document =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for (module, allowed, libraries) in TABLE {
        let row = document
            .lines()
            .find(|line| line.starts_with(&format!("//! | `{module}` |")));
        let row = row.unwrap_or_else(|| panic!("lib.rs has no row for {module}"));
        for name in allowed
            .iter()
            .chain(*libraries)
            .filter(|_| *module != "cli")
        {
            assert!(
                row.contains(name),
                "the row of {module} in lib.rs lacks {name}"
            );
        }
    }
}

#[test]
fn every_threat_has_a_row_and_a_test_of_its_number() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let mut tests = Vec::new();
    let mut places = sources(&root.join("tests/threats"));
    places.push(root.join("tests/redaction.rs"));
    for path in places {
        let text = std::fs::read_to_string(path).unwrap();
        let after = text.split("#[test]\n").skip(1);
        tests.extend(after.filter_map(|rest| {
            let name = rest.strip_prefix("fn ")?.split('(').next()?;
            Some(name.to_owned())
        }));
    }
    tests.retain(|name| name.starts_with('t') && name[1..3].parse::<u32>().is_ok());
    for number in 1..=28 {
        let rows: Vec<&str> = document
            .lines()
            .filter(|line| line.starts_with(&format!("//! | T{number} |")))
            .collect();
        assert_eq!(rows.len(), 1, "T{number}");
        let named = tests
            .iter()
            .filter(|name| name.starts_with(&format!("t{number:02}_")));
        let named: Vec<&String> = named.collect();
        assert_eq!(named.len(), 1, "T{number}");
        assert!(
            rows[0].ends_with(&format!(" `{}` |", named[0])),
            "T{number}"
        );
    }
    assert_eq!(tests.len(), 28, "{tests:?}");
}
