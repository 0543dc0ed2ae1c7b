//! What was fuzzed stays tested: every input that is kept, and all samples, through the functions
//! that the fuzzer calls.

#[path = "../fuzz/targets.rs"]
mod targets;

use std::path::{Path, PathBuf};
use targets::{BORDER, TARGETS};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    files.sort();
    files
}

#[test]
fn every_kept_input_is_read_without_a_panic() {
    let mut read = 0;
    for (name, target) in TARGETS {
        for file in files(&root().join("fuzz/corpus").join(name)) {
            let bytes = std::fs::read(&file).unwrap();
            let result = std::panic::catch_unwind(|| target(&bytes));
            assert!(result.is_ok(), "{name} fails on {}", file.display());
            read += 1;
        }
    }
    assert!(read >= TARGETS.len(), "{read}");
}

/// Every target is a file for the fuzzer, has its inputs kept, and nothing else is there.
#[test]
fn every_target_can_be_fuzzed() {
    let manifest = std::fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    let mut known: Vec<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    known.sort();
    for folder in ["fuzz/corpus", "fuzz/fuzz_targets"] {
        let mut there: Vec<String> = std::fs::read_dir(root().join(folder))
            .unwrap()
            .map(|entry| {
                entry
                    .unwrap()
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        there.sort();
        assert_eq!(there, known, "{folder}");
    }
    for name in known {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        let source = root().join(format!("fuzz/fuzz_targets/{name}.rs"));
        let source = std::fs::read_to_string(source).unwrap();
        let function = TARGETS.iter().position(|(one, _)| *one == name).unwrap();
        assert!(
            source.contains(&format!("TARGETS[{function}]")),
            "{name}: {source}"
        );
    }
}

/// The samples, each file as it is and cut in the middle, through every target: a target must stand
/// evidence of another kind, too.
#[test]
fn every_target_stands_every_sample() {
    let mut smallest: Vec<(usize, Vec<u8>)> = Vec::new();
    for file in files(&root().join("samples")) {
        if file.components().any(|part| part.as_os_str() == "evidence") {
            let bytes = std::fs::read(&file).unwrap();
            smallest.push((bytes.len(), bytes));
        }
    }
    smallest.sort();
    smallest.dedup();
    // The smaller half: the larger ones are of the same kinds.
    smallest.truncate(smallest.len() / 2);
    assert!(smallest.len() > 50);
    let bundle: Vec<&[u8]> = smallest
        .iter()
        .step_by(40)
        .map(|one| one.1.as_slice())
        .collect();
    (TARGETS[TARGETS.len() - 1].1)(&bundle.join(BORDER));
    for (_, bytes) in smallest.iter().step_by(7) {
        for (name, target) in TARGETS {
            // The whole pipeline reads each file for seconds in a debug build.
            if *name != "pipeline" {
                target(bytes);
                target(&bytes[..bytes.len() / 2]);
            }
        }
    }
}
