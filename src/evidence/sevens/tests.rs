//! Archives of 7-Zip, and archives that no packer would write.

use super::samples::*;
use super::*;
use crate::evidence::tests::{gzipped, noise, of_bytes, paths, printed, zipped};
use crate::evidence::{Kind, kind, visit};
use crate::model::{Problem, Silent};
use std::fs;

fn log_a() -> String {
    (0..40)
        .map(|line| format!("line {line} of the agent log\n"))
        .collect()
}

fn log_b() -> String {
    (0..30)
        .map(|line| format!("another {} line\n", line * 7))
        .collect()
}

/// A member of a written archive: its name and its content.
pub(in crate::evidence) type File<'a> = (&'a str, &'a [u8]);

fn number(value: u64) -> Vec<u8> {
    [&[0xFF], &value.to_le_bytes()[..]].concat()
}

/// An archive whose list is `list` and whose content is `content`.
fn with_list(content: &[u8], list: &[u8]) -> Vec<u8> {
    let mut place = (content.len() as u64).to_le_bytes().to_vec();
    place.extend((list.len() as u64).to_le_bytes());
    place.extend(&sum(list).to_le_bytes()[..4]);
    let mut bytes = b"7z\xBC\xAF\x27\x1C\x00\x04".to_vec();
    bytes.extend(&sum(&place).to_le_bytes()[..4]);
    bytes.extend(place);
    bytes.extend(content);
    bytes.extend(list);
    bytes
}

/// All files unpacked in one block, with a check sum each.
pub(in crate::evidence) fn stored(files: &[File<'_>]) -> Vec<u8> {
    let content: Vec<u8> = files
        .iter()
        .flat_map(|(_, bytes)| *bytes)
        .copied()
        .collect();
    let mut list = vec![1, 4, 6, 0, 1, 9];
    list.extend(number(content.len() as u64));
    list.extend([0, 7, 11, 1, 0, 1, 1, 0, 12]);
    list.extend(number(content.len() as u64));
    list.extend([0, 8, 13]);
    list.extend(number(files.len() as u64));
    list.push(9);
    for (_, bytes) in &files[..files.len() - 1] {
        list.extend(number(bytes.len() as u64));
    }
    list.extend([10, 1]);
    for (_, bytes) in files {
        list.extend(&sum(bytes).to_le_bytes()[..4]);
    }
    list.extend([0, 0, 5]);
    list.extend(number(files.len() as u64));
    let names: Vec<u8> = files
        .iter()
        .flat_map(|(name, _)| name.encode_utf16().chain([0]))
        .flat_map(u16::to_le_bytes)
        .collect();
    list.push(0x11);
    list.extend(number(names.len() as u64 + 1));
    list.push(0);
    list.extend(names);
    list.extend([0, 0]);
    with_list(&content, &list)
}

fn lost(problems: &[Problem]) -> usize {
    problems.iter().filter(|problem| problem.lost).count()
}

#[test]
fn every_method_of_the_packer_that_is_common_is_read() {
    for packed in [LZMA2, LZMA, PPMD, BZIP2, DEFLATE, BCJ2] {
        let (found, problems) = of_bytes("a.7z", &bytes(packed), Limits::default());
        assert_eq!(problems, []);
        let mut expected = vec![
            ("a.7z!a.log".to_owned(), log_a()),
            ("a.7z!sub/b.log".to_owned(), log_b()),
        ];
        if packed == LZMA2 {
            expected.push(("a.7z!empty.txt".to_owned(), String::new()));
        }
        assert_eq!(found, expected);
    }
}

#[test]
fn times_are_utc() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("a.7z");
    fs::write(&place, bytes(LZMA2)).unwrap();
    let mut times = Vec::new();
    visit(&[place], &Limits::default(), &Silent, &mut |member, _| {
        times.push(member.modified);
    });
    assert_eq!(times, [Some(Modified::Utc(1_793_673_600_500)); 3]);
}

#[test]
fn passwords_and_methods_that_are_not_read_are_told_with_what_they_cost() {
    let (found, problems) = of_bytes("a.7z", &bytes(SECRET), Limits::default());
    assert_eq!(found, []);
    assert_eq!(
        printed(&problems),
        "a.7z!a.log: protected by a password; it and the member packed behind it are not read; \
         unpack the archive and pass the folder\n"
    );
    let (found, problems) = of_bytes("a.7z", &bytes(HIDDEN), Limits::default());
    assert_eq!(found, []);
    assert!(printed(&problems).starts_with("a.7z: its list of members is protected by a password"));
    let (found, problems) = of_bytes("a.7z", &bytes(DEFLATE64), Limits::default());
    assert_eq!(found, []);
    assert!(printed(&problems).contains("by the method `DEFLATE64`"));
    assert_eq!(lost(&problems), 1);
}

#[test]
fn archives_lie_in_archives_both_ways() {
    let (found, problems) = of_bytes("a.7z", &bytes(NESTED), Limits::default());
    assert_eq!(problems, []);
    assert_eq!(found, [("a.7z!in.zip!a.log".to_owned(), log_a())]);
    let zip = zipped(&[("in.7z", &bytes(LZMA)), ("x.log", b"x")]);
    let (found, problems) = of_bytes("a.zip", &zip, Limits::default());
    assert_eq!(problems, []);
    assert_eq!(
        paths(&found),
        ["a.zip!x.log", "a.zip!in.7z!a.log", "a.zip!in.7z!sub/b.log"]
    );
    let (found, problems) = of_bytes("a.7z.gz", &gzipped(&zip), Limits::default());
    assert_eq!((found.len(), problems.len()), (3, 0));

    let two = stored(&[("1.7z", &bytes(LZMA)), ("x", b"x")]);
    let three = stored(&[("2.7z", &two), ("x", b"x")]);
    assert_eq!(of_bytes("3.7z", &three, Limits::default()).1, []);
    let four = stored(&[("3.7z", &three), ("x", b"x")]);
    let (found, problems) = of_bytes("4.7z", &four, Limits::default());
    assert_eq!(paths(&found), ["4.7z!3.7z!2.7z!x", "4.7z!3.7z!x", "4.7z!x"]);
    assert!(printed(&problems).starts_with("4.7z!3.7z!2.7z!1.7z: the limit of 2"));
}

#[test]
fn a_bomb_stops_at_the_ratio_and_costs_what_is_packed_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("bomb.7z");
    fs::write(&place, bytes(BOMB)).unwrap();
    let run = |max_ratio| {
        let limits = Limits {
            max_ratio,
            ..Limits::default()
        };
        let mut lengths = Vec::new();
        let problems = visit(
            std::slice::from_ref(&place),
            &limits,
            &Silent,
            &mut |_, stream| {
                lengths.push(io::copy(stream, &mut io::sink()).unwrap());
            },
        );
        (lengths, printed(&problems))
    };
    let (read, told) = run(200);
    assert_eq!(read.len(), 1);
    assert!((64 << 20..65 << 20).contains(&read[0]), "{read:?}");
    assert!(
        told.contains("bomb.7z!bomb: the limit of 200 times"),
        "{told}"
    );
    assert!(
        told.contains("bomb.7z!z.log: packed behind a member"),
        "{told}"
    );
    assert_eq!(run(1 << 20), (vec![80 << 20, 5], String::new()));
}

#[test]
fn size_and_entries_are_limited_exactly() {
    let bytes = stored(&[("a", &[b'x'; 600]), ("b", &[b'y'; 500]), ("c", b"z")]);
    let of_size = |max_size| {
        let limits = Limits {
            max_size,
            ..Limits::default()
        };
        of_bytes("a.7z", &bytes, limits)
    };
    assert_eq!(of_size(1_101).1, []);
    let (found, problems) = of_size(999);
    assert_eq!((found[0].1.len(), found[1].1.len()), (600, 399));
    let told = printed(&problems);
    assert!(told.contains("a.7z!b: the limit of 999 bytes"), "{told}");
    assert!(told.contains("a.7z!c: packed behind"), "{told}");
    let (found, problems) = of_size(1_100);
    assert_eq!((found.len(), lost(&problems)), (2, 1));
    for (max_entries, read) in [(3, 3), (2, 2), (0, 0)] {
        let limits = Limits {
            max_entries,
            ..Limits::default()
        };
        let (found, problems) = of_bytes("a.7z", &bytes, limits);
        assert_eq!(found.len(), read);
        assert_eq!(problems.len(), usize::from(read < 3));
        assert!(read == 3 || printed(&problems).contains("`--max-entries`"));
    }
}

/// What is not read of a member counts like what is, and the next one begins where it should.
#[test]
fn what_nobody_reads_is_counted_too() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("a.7z");
    fs::write(&place, stored(&[("a", &[b'x'; 600]), ("b", b"yy")])).unwrap();
    for (max_size, expected) in [(602, vec!["a:x", "b:y"]), (599, vec!["a:x"])] {
        let mut found = Vec::new();
        let limits = Limits {
            max_size,
            ..Limits::default()
        };
        let problems = visit(
            std::slice::from_ref(&place),
            &limits,
            &Silent,
            &mut |member, stream| {
                let mut first = [0];
                stream.read_exact(&mut first).unwrap();
                let name = member.path.rsplit('!').next().unwrap().to_owned();
                found.push(format!("{name}:{}", char::from(first[0])));
            },
        );
        assert_eq!(found, expected);
        assert_eq!(
            lost(&problems) > 0,
            max_size == 599,
            "{}",
            printed(&problems)
        );
    }
}

#[test]
fn hostile_and_doubled_names_and_links() {
    let names = [
        "../../evil",
        "C:\\x",
        "\x1b[31mred",
        "x\u{202E}gpj",
        "a.log",
        "a.log",
    ];
    let files: Vec<File<'_>> = names.iter().map(|name| (*name, &b"x"[..])).collect();
    let (found, problems) = of_bytes("a.7z", &stored(&files), Limits::default());
    assert_eq!(found.len(), 6);
    assert_eq!(found[5].0, "a.7z!a.log (2)");
    assert!(found.iter().all(|(path, text)| {
        text == "x" && !path.chars().any(|it| it.is_control() || it == '\u{202E}')
    }));
    assert_eq!((problems.len(), lost(&problems)), (3, 0));
    let long = "d/".repeat(30_000);
    let (found, problems) = of_bytes(
        "a.7z",
        &stored(&[(&long, b"x"), ("b", b"y")]),
        Limits::default(),
    );
    assert_eq!(found, [("a.7z!b".to_owned(), "y".to_owned())]);
    assert_eq!(lost(&problems), 1);
    let (found, problems) = of_bytes("a.7z", &bytes(LINK_ARCHIVE), Limits::default());
    assert_eq!(paths(&found), ["a.7z!a.log"]);
    assert_eq!((problems.len(), lost(&problems)), (1, 0));
}

/// Whole members in front of the damage are used, and with stored members those behind it.
#[test]
fn a_wrong_check_sum_costs_its_member() {
    let mut damaged = stored(&[("a", b"aaaa"), ("b", b"bbbb"), ("c", b"cccc")]);
    damaged[START + 5] ^= 1;
    let (found, problems) = of_bytes("a.7z", &damaged, Limits::default());
    assert_eq!(paths(&found), ["a.7z!a", "a.7z!b", "a.7z!c"]);
    assert_eq!((found[0].1.as_str(), found[2].1.as_str()), ("aaaa", "cccc"));
    assert_eq!(lost(&problems), 1);
    assert!(printed(&problems).starts_with("a.7z!b: cut or damaged after"));

    let noise = noise(200_000);
    let mut packed = bytes(LZMA);
    packed[START + 40] ^= noise[0] | 1;
    let (_, problems) = of_bytes("a.7z", &packed, Limits::default());
    assert!(lost(&problems) > 0 && printed(&problems).starts_with("a.7z!a.log: "));
}

/// A few bytes must not ask for gigabytes.
#[test]
fn claims_of_the_list_are_not_believed() {
    let mut many = vec![1, 5];
    many.extend(number(1 << 40));
    let mut wide = vec![1, 4, 6, 0, 1, 9, 4, 0, 7, 11, 1, 0, 1, 0x23, 3, 4, 1, 5, 6];
    wide.extend(0xC000_0000_u32.to_le_bytes());
    wide.extend([12, 9, 0, 8, 0, 0, 5, 1, 0, 0]);
    let mut chain = vec![1, 4, 6, 0, 1, 9, 4, 0, 7, 11, 1, 0, 2, 3, 4, 1, 8];
    chain.extend([0x23, 3, 1, 1, 5, 0x5D, 0, 0, 1, 0, 0, 1]);
    chain.extend([12, 9, 9, 0, 8, 0, 0, 5, 1, 0, 0]);
    for (list, word) in [
        (chain, "a chain of methods"),
        (many, "the limit of 100000 members"),
        (wide, "3072 MiB of memory"),
        (vec![1, 4, 6, 0, 0x7F, 9], "the list of members"),
        (vec![0x17, 0x17, 0], "the list of members"),
        (vec![9], "the list of members"),
    ] {
        let (found, problems) = of_bytes("a.7z", &with_list(b"abcd", &list), Limits::default());
        assert_eq!(found, []);
        assert_eq!(lost(&problems), 1);
        assert!(printed(&problems).contains(word), "{}", printed(&problems));
    }
    assert_eq!(
        of_bytes("a.7z", &with_list(b"", b""), Limits::default()),
        (vec![], vec![])
    );
    assert_eq!(kind(&with_list(b"", b"")), Kind::SevenZip);
}

#[test]
fn cuts_and_flipped_bytes_are_told_and_nothing_breaks() {
    let noise = noise(1 << 12);
    let samples = [
        LZMA2,
        LZMA,
        PPMD,
        BZIP2,
        DEFLATE,
        BCJ2,
        NESTED,
        LINK_ARCHIVE,
    ]
    .map(bytes);
    let plain = stored(&[("a.log", log_a().as_bytes()), ("b.log", log_b().as_bytes())]);
    let run = |bytes: &[u8]| {
        let mut problems = Vec::new();
        let mut walk = Walk {
            limits: Limits::default(),
            progress: &Silent,
            threads: 1,
            each: &|_, stream, _| {
                io::copy(stream, &mut io::sink()).unwrap();
            },
            problems: Vec::new(),
            damaged: Default::default(),
            expanded: Counter::default(),
            entries: 0,
        };
        let opened = open(&mut walk, "x", &mut io::Cursor::new(bytes), 0);
        problems.append(&mut walk.problems);
        problems.extend(
            opened
                .err()
                .map(|(defect, cost)| Problem::loss("x", None, defect, cost)),
        );
        problems
    };
    for sample in samples.iter().chain([&plain]) {
        assert_eq!(lost(&run(sample)), 0);
        for cut in 0..sample.len() {
            assert!(lost(&run(&sample[..cut])) > 0, "{cut}");
        }
        // In front of that stands the signature, by which a 7z is known at all.
        for at in 6..sample.len() {
            let mut flipped = sample.clone();
            flipped[at] ^= noise[at] | 1;
            // The minor version tells nothing, and a packer may leave a byte that no decoder needs.
            assert!(lost(&run(&flipped)) > 0 || at == 7 || at >= START, "{at}");
        }
        // Damage behind right check sums reaches the reader of lists.
        let list = plain_list(&mut io::Cursor::new(sample.as_slice()), &Limits::default());
        let list = list.unwrap_or_else(|_| panic!("refused")).unwrap();
        for at in 0..list.len() {
            for value in [0, 1, 0x7F, 0xFF, noise[at]] {
                let mut flipped = list.clone();
                flipped[at] = value;
                run(&with_list(&sample[START..], &flipped));
            }
        }
    }
}

#[test]
fn the_packed_bytes_are_told_once_however_often_they_are_read() {
    use std::sync::atomic::{AtomicU64, Ordering};
    struct Told(AtomicU64);
    impl crate::model::Progress for Told {
        fn read(&self, bytes: u64) {
            self.0.fetch_add(bytes, Ordering::Relaxed);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("a.7z");
    for sample in [LZMA2, PPMD, SECRET] {
        fs::write(&place, bytes(sample)).unwrap();
        let told = Told(AtomicU64::new(0));
        let place = std::slice::from_ref(&place);
        visit(place, &Limits::default(), &told, &mut |_, stream| {
            let _ = std::io::copy(stream, &mut std::io::sink());
        });
        assert_eq!(told.0.into_inner(), bytes(sample).len() as u64);
    }
}
