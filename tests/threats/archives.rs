//! T1 to T7: archives that lie, explode, point outside or are cut.

use super::{MOST, below, one_record, printed, read, watched};
use crate::support::{Seeded, pkgtrail, text};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use zip::write::SimpleFileOptions;

/// A member of a zip as it is written, true or not.
struct Entry {
    /// In the list of members, and in front of the member.
    names: [Vec<u8>; 2],
    method: u16,
    packed: Vec<u8>,
    /// The length that is declared.
    length: u32,
    /// Where the list says that it begins, if not where it does.
    at: Option<u32>,
    /// Whether the list has it.
    listed: bool,
}

fn stored(name: &str, bytes: &[u8]) -> Entry {
    Entry {
        names: [name.into(), name.into()],
        method: 0,
        packed: bytes.to_vec(),
        length: bytes.len() as u32,
        at: None,
        listed: true,
    }
}

/// Writes a zip by hand.
fn by_hand(entries: &[Entry]) -> Vec<u8> {
    let (mut body, mut list, mut count) = (Vec::new(), Vec::new(), 0_u16);
    for entry in entries {
        let at = entry.at.unwrap_or(body.len() as u32);
        let fields = |name: &[u8]| {
            let mut crc = flate2::Crc::new();
            if entry.method == 0 {
                crc.update(&entry.packed);
            }
            let mut fields = vec![20, 0, 0, 8];
            fields.extend(entry.method.to_le_bytes());
            fields.extend([0, 0, 0x21, 0]);
            fields.extend(crc.sum().to_le_bytes());
            fields.extend((entry.packed.len() as u32).to_le_bytes());
            fields.extend(entry.length.to_le_bytes());
            fields.extend((name.len() as u16).to_le_bytes());
            fields.extend([0, 0]);
            fields
        };
        if entry.listed {
            count += 1;
            list.extend(b"PK\x01\x02\x14\x00");
            list.extend(fields(&entry.names[0]));
            list.extend([0; 10]);
            list.extend(at.to_le_bytes());
            list.extend(&entry.names[0]);
        }
        if entry.at.is_none() {
            body.extend(b"PK\x03\x04");
            body.extend(fields(&entry.names[1]));
            body.extend(&entry.names[1]);
            body.extend(&entry.packed);
        }
    }
    let start = body.len() as u32;
    body.extend(&list);
    body.extend(b"PK\x05\x06\0\0\0\0");
    body.extend(count.to_le_bytes());
    body.extend(count.to_le_bytes());
    body.extend((list.len() as u32).to_le_bytes());
    body.extend(start.to_le_bytes());
    body.extend([0, 0]);
    body
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn deflated_zeros(mebibytes: usize) -> Vec<u8> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
    let block = vec![0; 1 << 20];
    for _ in 0..mebibytes {
        packer.write_all(&block).unwrap();
    }
    packer.finish().unwrap()
}

/// Bytes that do not pack well, the same in every run.
fn noise(length: usize) -> Vec<u8> {
    let mut seeded = Seeded(0x1057);
    (0..length).map(|_| seeded.next() as u8).collect()
}

#[test]
fn t01_zip_slip() {
    let root = tempfile::tempdir().unwrap();
    let here = root.path().join("a/b/c/d/e/f");
    std::fs::create_dir_all(&here).unwrap();
    let absolute = root.path().join("absolute").display().to_string();
    let known = [
        "../../evil",
        "/etc/passwd",
        &absolute,
        "C:\\Windows\\x",
        "\\\\server\\share\\x",
        "a:stream",
        "CON",
        "NUL\0.txt",
        "x\u{202E}gpj.exe",
        "a/../../b",
        "\x1b[31mred",
        "..",
    ];
    let mut names: Vec<String> = known.map(str::to_owned).to_vec();
    let parts = [
        "..",
        "/",
        "\\",
        "C:",
        "\\\\?\\",
        "//",
        "CON",
        "LPT1.log",
        ":stream",
        "\0",
        "\u{202E}",
        "\x1b[2J",
        "~",
        "$HOME",
        "%TEMP%",
        " ",
        ".",
        "evil",
        "\r\n",
        "../../../",
    ];
    let mut seeded = Seeded(0x51_1B);
    while names.len() < known.len() + 200 {
        let count = 1 + seeded.below(6);
        let name: String = (0..count)
            .map(|_| parts[seeded.below(parts.len())])
            .collect();
        // With a slash at the end, it would be a folder.
        if !names.contains(&name) && !name.ends_with(['/', '\\']) {
            names.push(name);
        }
    }
    let record = one_record();
    let entries: Vec<Entry> = names
        .iter()
        .map(|name| stored(name, record.as_bytes()))
        .collect();
    std::fs::write(here.join("names.zip"), by_hand(&entries)).unwrap();
    let before = below(root.path());
    let arguments = ["report", "names.zip", "-o", "out", "--svg", "--pictures"];
    let run = pkgtrail(&here, &arguments);
    assert!(
        matches!(run.status.code(), Some(0 | 1)),
        "{}",
        text(&run.stderr)
    );
    let verdicts = std::fs::read_to_string(here.join("out/verdicts.json")).unwrap();
    let mut after = below(root.path());
    after.retain(|path| !path.starts_with(here.join("out")));
    assert_eq!(after, before, "nothing is made outside of the report");
    // Each is read, under its own name, and what cannot be shown of it is spelled out.
    let (found, problems) = read("names.zip", &by_hand(&entries));
    assert_eq!(found.len(), names.len(), "{}", printed(&problems));
    let plain = |path: &str| {
        !path
            .chars()
            .any(|one| one.is_control() || one == '\u{202E}')
    };
    assert!(found.iter().all(|(path, _)| plain(path)));
    for name in ["x<U+202E>gpj.exe", "NUL<U+0000>.txt", "<U+001B>[31mred"] {
        let path = format!("names.zip!{name}");
        assert!(found.iter().any(|one| one.0 == path), "{path}");
        assert!(verdicts.contains(&path), "{path}");
    }
    let outside = |name: &str| format!("names.zip!{name}: a name that points outside");
    let told = printed(&problems);
    for name in [
        "../../evil",
        "/etc/passwd",
        "C:/Windows/x",
        "//server/share/x",
        "a/../../b",
        "..",
    ] {
        assert!(told.contains(&outside(name)), "{name}: {told}");
    }
    assert!(problems.iter().all(|problem| !problem.lost), "{told}");
}

#[test]
fn t02_links() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("link", "/etc", SimpleFileOptions::default())
        .unwrap();
    zip.start_file("link/passwd", SimpleFileOptions::default())
        .unwrap();
    let zip = zip.finish().unwrap().into_inner();
    let mut tar = tar::Builder::new(Vec::new());
    for (kind, name) in [
        (tar::EntryType::Symlink, "link"),
        (tar::EntryType::Link, "hard"),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        header.set_entry_type(kind);
        tar.append_link(&mut header, name, "/etc/passwd").unwrap();
    }
    let mut header = tar::Header::new_gnu();
    header.set_size(0);
    tar.append_data(&mut header, "link/passwd", std::io::empty())
        .unwrap();
    for (name, bytes, links) in [
        ("sym.zip", zip, 1),
        ("sym.tar", tar.into_inner().unwrap(), 2),
    ] {
        let (found, problems) = read(name, &bytes);
        let told = printed(&problems);
        assert_eq!(found, [(format!("{name}!link/passwd"), Vec::new())]);
        assert_eq!(
            told.matches("a link, which is not followed").count(),
            links,
            "{told}"
        );
        assert_eq!(problems.len(), links, "{told}");
        assert!(problems.iter().all(|problem| !problem.lost));
    }
    #[cfg(unix)]
    {
        let root = tempfile::tempdir().unwrap();
        let (inside, outside) = (root.path().join("in"), root.path().join("outside.log"));
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(&outside, one_record()).unwrap();
        std::os::unix::fs::symlink(&outside, inside.join("b.log")).unwrap();
        std::os::unix::fs::symlink(".", inside.join("loop")).unwrap();
        std::fs::write(inside.join("a.log"), one_record()).unwrap();
        let run = pkgtrail(root.path(), &["report", "in", "-o", "out", "-v"]);
        let errors = text(&run.stderr);
        assert_eq!(run.status.code(), Some(0), "{errors}");
        assert_eq!(
            errors.matches("a link, which is not followed").count(),
            2,
            "{errors}"
        );
        let verdicts = std::fs::read_to_string(root.path().join("out/verdicts.json")).unwrap();
        assert!(verdicts.contains("in/a.log") && !verdicts.contains("in/b.log\",\n      \"kind"));
    }
}

#[test]
fn t03_a_ratio_bomb() {
    let here = tempfile::tempdir().unwrap();
    let packed = deflated_zeros(1_024);
    assert!(packed.len() < 1_100_000);
    let bomb = |name: &str, length: u32| Entry {
        method: 8,
        length,
        packed: packed.clone(),
        ..stored(name, b"")
    };
    let record = one_record();
    let zip = by_hand(&[
        bomb("bomb.log", 1 << 30),
        stored("a.log", record.as_bytes()),
    ]);
    std::fs::write(here.path().join("ratio.zip"), &zip).unwrap();
    let ended = watched(here.path(), &["report", "ratio.zip", "-o", "out"]);
    assert_eq!(ended.status, Some(1), "{}", ended.errors);
    let told = "ratio.zip!bomb.log: the limit of 200 times the packed size is reached (`--max-ratio` raises it)";
    assert!(ended.errors.contains(told), "{}", ended.errors);
    assert!(ended.peak <= MOST, "{} MiB", ended.peak);
    let verdicts = std::fs::read_to_string(here.path().join("out/verdicts.json")).unwrap();
    assert!(verdicts.contains("ratio.zip!a.log"), "the rest goes on");
    // What came out is counted, and not what the list says.
    let (found, problems) = read("ratio.zip", &zip);
    assert!((64 << 20..65 << 20).contains(&found[0].1.len()));
    assert_eq!((found[1].1.len(), problems.len()), (record.len(), 1));
    let lies = by_hand(&[bomb("bomb.log", 10), stored("a.log", record.as_bytes())]);
    let (found, problems) = read("lies.zip", &lies);
    assert!(found[0].1.len() <= 65 << 20);
    assert_eq!((found[1].1.len(), problems.len()), (record.len(), 1));
    assert!(problems[0].lost && problems[0].place.path == "lies.zip!bomb.log");
}

#[test]
fn t04_overlapping_members() {
    // 250 members that are one: 10.5 GB in 55 KB.
    let kernel = deflated_zeros(42);
    let again = |at: Option<u32>| Entry {
        method: 8,
        length: 42 << 20,
        at,
        packed: kernel.clone(),
        ..stored("a", b"")
    };
    let mut all = vec![again(None)];
    all.extend((1..250).map(|_| again(Some(0))));
    let whole = by_hand(&all);
    assert!(whole.len() < 65_260);
    // A member within the bytes of another one.
    let mut inner = by_hand(&[stored("inner", b"12345")]);
    inner.truncate(30 + 5 + 5);
    let at = Some(30 + 5);
    let within = by_hand(&[
        stored("outer", &inner),
        Entry {
            at,
            ..stored("inner", b"12345")
        },
    ]);
    for bytes in [whole, within] {
        let (found, problems) = read("overlap.zip", &bytes);
        assert_eq!(found, [], "nothing of it is read");
        assert_eq!(problems.len(), 1);
        assert!(problems[0].lost && problems[0].defect.contains("members overlap"));
    }
}

#[test]
fn t05_too_deep_and_too_many() {
    let here = tempfile::tempdir().unwrap();
    let record = one_record();
    let mut deep = zipped(&[("0.dll", &vec![0; 1 << 20])]);
    for _ in 0..5 {
        deep = zipped(&[
            ("1.zip", &deep),
            ("2.zip", &deep),
            ("3.zip", &deep),
            ("4.zip", &deep),
        ]);
    }
    let long = "d/".repeat(30_000) + "x";
    let stored_only =
        SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut many = zip::ZipWriter::new(Cursor::new(Vec::new()));
    many.start_file("a.log", stored_only).unwrap();
    many.write_all(record.as_bytes()).unwrap();
    for number in 0..200_000 {
        many.start_file(format!("{number}"), stored_only).unwrap();
    }
    let bundles = [
        (
            "42.zip",
            zipped(&[("a.log", record.as_bytes()), ("b.zip", &deep)]),
            "`--max-depth`",
        ),
        (
            "many.zip",
            many.finish().unwrap().into_inner(),
            "`--max-entries`",
        ),
        (
            "deep.zip",
            zipped(&[(&long, b"x"), ("a.log", record.as_bytes())]),
            "a member's path has 60001 bytes in 30000 folders, more than 1024 or 64",
        ),
    ];
    for (name, bytes, refusal) in bundles {
        std::fs::write(here.path().join(name), bytes).unwrap();
        let run = pkgtrail(here.path(), &["timeline", name]);
        let errors = text(&run.stderr);
        assert_eq!(run.status.code(), Some(1), "{name}: {errors}");
        assert!(errors.contains(refusal), "{name}: {errors}");
        // What stands within the limits is used.
        assert!(text(&run.stdout).contains("download-started"), "{name}");
    }
    // A document of our own: entries opened, not time.
    let place: PathBuf = here.path().join("many.zip");
    let (found, problems) = read("many.zip", &std::fs::read(place).unwrap());
    assert_eq!((found.len(), problems.len()), (100_000, 1));
}

#[test]
fn t06_one_name_twice_and_two_names_for_one() {
    let (first, second) = (stored("a.log", b"first"), stored("a.log", b"second"));
    let (found, problems) = read("dup.zip", &by_hand(&[first, second]));
    let both = [("dup.zip!a.log", "first"), ("dup.zip!a.log (2)", "second")];
    assert_eq!(
        found,
        both.map(|(path, bytes)| (path.to_owned(), bytes.into()))
    );
    assert_eq!(
        printed(&problems),
        "dup.zip!a.log: stands more than once in its archive; all are read; this one is cited as `a.log (2)`\n"
    );
    let mut two = stored("Agent.log", b"text");
    two.names[1] = b"readme.txt".to_vec();
    let (found, problems) = read("two.zip", &by_hand(&[stored("b", b""), two]));
    assert_eq!(found[1], ("two.zip!Agent.log".to_owned(), b"text".to_vec()));
    let told = printed(&problems);
    assert!(
        told.contains("two.zip!Agent.log: in front of it stands the name `readme.txt`"),
        "{told}"
    );
    assert_eq!(problems.len(), 1);
    // One that the list does not have.
    let hidden = Entry {
        listed: false,
        ..stored("hidden.log", b"text")
    };
    let (found, problems) = read(
        "hidden.zip",
        &by_hand(&[stored("b", b""), hidden, stored("c", b"")]),
    );
    let told = printed(&problems);
    assert_eq!(found.len(), 2);
    assert!(
        told.contains("hidden.zip: members that its list does not have, `hidden.log` first"),
        "{told}"
    );
}

#[test]
fn t07_a_cut_archive() {
    let texts: Vec<Vec<u8>> = (0..20).map(|_| noise(3_000)).collect();
    let names: Vec<String> = (0..20).map(|number| format!("{number:02}.log")).collect();
    let files = || names.iter().zip(&texts);
    let mut seekable = zip::ZipWriter::new(Cursor::new(Vec::new()));
    // As packers write that cannot seek: sizes and check sums stand behind the members.
    let mut streamed = zip::ZipWriter::new_stream(Vec::new());
    for (name, text) in files() {
        seekable
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        seekable.write_all(text).unwrap();
        streamed
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        streamed.write_all(text).unwrap();
    }
    let seekable = seekable.finish().unwrap().into_inner();
    for bytes in [seekable, streamed.finish().unwrap().into_inner()] {
        let (found, problems) = read("cut.zip", &bytes[..bytes.len() * 7 / 10]);
        let told = printed(&problems);
        assert_eq!(found.len(), 15, "{told}");
        for (found, text) in found.iter().zip(&texts).take(14) {
            assert_eq!(&found.1, text);
        }
        assert!(texts[14].starts_with(&found[14].1) && !found[14].1.is_empty());
        assert!(told.contains("cut.zip: the list of members"), "{told}");
        assert!(
            told.contains("cut.zip!14.log: cut or damaged after"),
            "{told}"
        );
        assert_eq!(problems.len(), 2, "{told}");
        assert!(problems.iter().all(|problem| problem.lost));
    }
}
