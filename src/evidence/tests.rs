//! Archives are made here and read through [`visit`], as a bundle from outside would be.

use super::*;
use crate::model::Silent;
use chrono::NaiveDate;
use flate2::write::GzEncoder;
use std::io::Write;
use zip::write::SimpleFileOptions;

/// Path and text of every member, and the problems as they are printed.
pub(super) fn visited(
    arguments: &[PathBuf],
    limits: Limits,
) -> (Vec<(String, String)>, Vec<Problem>) {
    let mut found = Vec::new();
    let problems = visit(arguments, &limits, &Silent, &mut |member, stream| {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        found.push((member.path, String::from_utf8_lossy(&bytes).into_owned()));
    });
    (found, problems)
}

pub(super) fn of_bytes(
    name: &str,
    bytes: &[u8],
    limits: Limits,
) -> (Vec<(String, String)>, Vec<Problem>) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join(name);
    fs::write(&place, bytes).unwrap();
    let before = names_below(folder.path());
    let result = visited(&[place], limits);
    assert_eq!(
        names_below(folder.path()),
        before,
        "nothing is ever written"
    );
    result
}

fn names_below(folder: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .collect()
}

pub(super) fn paths(found: &[(String, String)]) -> Vec<&str> {
    found.iter().map(|(path, _)| path.as_str()).collect()
}

pub(super) fn printed(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(|problem| format!("{problem}\n"))
        .collect()
}

pub(super) fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// As packers write it that cannot seek: sizes and check sums stand behind the members.
fn streamed_zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new_stream(Vec::new());
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub(super) fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mtime(1_700_000_000);
        header.set_entry_type(tar::EntryType::Regular);
        tar.append_data(&mut header, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

pub(super) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// Bytes that do not pack well, the same in every run.
pub(super) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(length)
    .collect()
}

#[test]
fn folders_and_archives_in_archives_are_cited_by_one_path() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("bundle");
    fs::create_dir_all(bundle.join("logs")).unwrap();
    fs::write(bundle.join("logs/Agent.log"), "live").unwrap();
    let inner = zipped(&[("Agent1.log", b"one")]);
    let members: &[(&str, &[u8])] = &[("logs.zip", &inner), ("sub\\a.txt", b"a")];
    fs::write(bundle.join("old.zip"), zipped(members)).unwrap();
    fs::write(bundle.join("Agent.log.gz"), gzipped(b"packed")).unwrap();
    let tar = tarred(&[("t/b.log", b"b"), (&"long/".repeat(30), b"c")]);
    fs::write(bundle.join("x.tgz"), gzipped(&tar)).unwrap();
    fs::write(bundle.join("plain.tar"), &tar).unwrap();
    fs::create_dir(bundle.join("empty")).unwrap();
    let (found, problems) = visited(std::slice::from_ref(&bundle), Limits::default());
    let long = "long/".repeat(30);
    let expected = [
        ("bundle/Agent.log.gz!Agent.log", "packed"),
        ("bundle/logs/Agent.log", "live"),
        ("bundle/old.zip!sub/a.txt", "a"),
        ("bundle/old.zip!logs.zip!Agent1.log", "one"),
        ("bundle/plain.tar!t/b.log", "b"),
        (&format!("bundle/plain.tar!{long}"), "c"),
        ("bundle/x.tgz!t/b.log", "b"),
        (&format!("bundle/x.tgz!{long}"), "c"),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()));
    assert_eq!(found, expected);
    assert_eq!(problems, []);
    // The same place by another name is the same place; a second argument is not.
    let again = [
        bundle.join("../bundle/"),
        bundle.clone(),
        bundle.join("logs"),
    ];
    let (found, _) = visited(&again, Limits::default());
    assert_eq!(found.len(), expected.len() + 1);
    assert!(found.iter().any(|(path, _)| path == "logs/Agent.log"));
}

#[test]
fn what_is_missing_or_linked_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (found, problems) = visited(&[folder.path().to_owned()], Limits::default());
    assert_eq!((found.len(), problems.len()), (0, 0));
    let (_, problems) = visited(&[folder.path().join("none.zip")], Limits::default());
    assert!(printed(&problems).contains("no such file or folder"));
    assert!(problems[0].lost);
    #[cfg(unix)]
    {
        fs::write(folder.path().join("a.log"), "a").unwrap();
        std::os::unix::fs::symlink("a.log", folder.path().join("b.log")).unwrap();
        std::os::unix::fs::symlink(".", folder.path().join("loop")).unwrap();
        let (found, problems) = visited(&[folder.path().to_owned()], Limits::default());
        assert_eq!((found.len(), problems.len()), (1, 2));
        assert!(problems.iter().all(|problem| !problem.lost));
    }
}

#[test]
fn times_come_with_what_is_known_of_their_zone() {
    let folder = tempfile::tempdir().unwrap();
    let written = SimpleFileOptions::default()
        .last_modified_time(zip::DateTime::from_date_and_time(2025, 8, 16, 2, 27, 6).unwrap());
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("a", written).unwrap();
    zip.start_file(
        "b",
        SimpleFileOptions::default().last_modified_time(zip::DateTime::default()),
    )
    .unwrap();
    let zip = zip.finish().unwrap().into_inner();
    fs::write(folder.path().join("a.zip"), &zip).unwrap();
    fs::write(folder.path().join("a.zip.cut"), &zip[..zip.len() - 4]).unwrap();
    fs::write(folder.path().join("b.tar"), tarred(&[("b", b"b")])).unwrap();
    let mut gzip = flate2::GzBuilder::new()
        .mtime(1_600_000_000)
        .write(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"c").unwrap();
    fs::write(folder.path().join("c.gz"), gzip.finish().unwrap()).unwrap();
    let mut times = Vec::new();
    visit(
        &[folder.path().to_owned()],
        &Limits::default(),
        &Silent,
        &mut |member, _| {
            times.push(member.modified);
        },
    );
    let local = NaiveDate::from_ymd_opt(2025, 8, 16)
        .unwrap()
        .and_hms_opt(2, 27, 6)
        .unwrap();
    assert_eq!(
        times,
        [
            Some(Modified::Local(local)),
            None,
            Some(Modified::Local(local)),
            None,
            Some(Modified::Utc(1_700_000_000_000)),
            Some(Modified::Utc(1_600_000_000_000)),
        ]
    );
}

#[test]
fn a_bomb_stops_at_the_ratio_and_the_rest_goes_on() {
    let zeros = vec![0; 80 << 20];
    let bytes = zipped(&[("bomb", &zeros), ("a.log", b"a")]);
    let mut lengths = Vec::new();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("bomb.zip");
    let mut count = |bytes: &[u8], limits: Limits| {
        fs::write(&place, bytes).unwrap();
        lengths.clear();
        let problems = visit(
            std::slice::from_ref(&place),
            &limits,
            &Silent,
            &mut |_, stream| {
                lengths.push(io::copy(stream, &mut io::sink()).unwrap());
            },
        );
        (lengths.clone(), printed(&problems))
    };
    let (read, told) = count(&bytes, Limits::default());
    assert!((64 << 20..65 << 20).contains(&read[0]), "{read:?}");
    assert_eq!(read[1], 1);
    assert!(told.contains("`--max-ratio`"), "{told}");
    let (read, told) = count(&gzipped(&zeros), Limits::default());
    assert!((64 << 20..65 << 20).contains(&read[0]), "{read:?}");
    assert!(told.contains("limit of 200"), "{told}");
    let wide = Limits {
        max_ratio: 2_000,
        ..Limits::default()
    };
    assert_eq!(count(&bytes, wide), (vec![80 << 20, 1], String::new()));
}

#[test]
fn size_entries_and_depth_are_limited_exactly() {
    let bytes = zipped(&[("a", &[b'x'; 600]), ("b", &[b'y'; 400])]);
    let of_size = |max_size| {
        of_bytes(
            "a.zip",
            &bytes,
            Limits {
                max_size,
                ..Limits::default()
            },
        )
    };
    assert_eq!(of_size(1_000).1, []);
    let (found, problems) = of_size(999);
    assert_eq!((found[0].1.len(), found[1].1.len()), (600, 399));
    assert!(
        printed(&problems).contains("a.zip!b: the limit of 999 bytes"),
        "{}",
        printed(&problems)
    );
    assert!(printed(&problems).contains("`--max-size`"));
    let (found, problems) = of_size(600);
    assert_eq!((found.len(), problems.len()), (1, 1));

    let of_entries = |max_entries| {
        of_bytes(
            "a.zip",
            &bytes,
            Limits {
                max_entries,
                ..Limits::default()
            },
        )
    };
    assert_eq!(of_entries(2).1, []);
    let (found, problems) = of_entries(1);
    assert_eq!(found.len(), 1);
    assert!(printed(&problems).contains("`--max-entries`"));

    let three = zipped(&[("2.zip", &zipped(&[("1.zip", &bytes)]))]);
    assert_eq!(of_bytes("3.zip", &three, Limits::default()).1, []);
    let four = zipped(&[("3.zip", &three), ("x", b"x")]);
    let (found, problems) = of_bytes("4.zip", &four, Limits::default());
    assert_eq!(paths(&found), ["4.zip!x"]);
    assert!(
        printed(&problems).contains("4.zip!3.zip!2.zip!1.zip: the limit of 2"),
        "{}",
        printed(&problems)
    );
    assert!(printed(&problems).contains("`--max-depth`"));
}

#[test]
fn a_cut_tar_or_gzip_gives_what_could_be_read() {
    let all = noise(6_000);
    let text = &all[..3_000];
    let tar = tarred(&[("a.log", text), ("b.log", &all[3_000..])]);
    let packed = gzipped(&tar);
    for (name, bytes) in [("a.tar", &tar[..5_000]), ("a.tar.gz", &packed[..5_000])] {
        let (found, problems) = of_bytes(name, bytes, Limits::default());
        let told = printed(&problems);
        assert_eq!(found.len(), 2, "{told}");
        assert!(
            problems
                .iter()
                .any(|problem| problem.lost && problem.place.path.ends_with("!b.log")),
            "{told}"
        );
    }
    let ends = tar.len() - 1_024;
    assert_eq!(
        of_bytes("a.tar", &tar[..ends + 512], Limits::default()).1,
        []
    );
    assert_eq!(
        of_bytes("a.tar", &tar[..ends], Limits::default()).1.len(),
        1,
        "no end mark"
    );
    let log = gzipped(text);
    let (found, problems) = of_bytes("a.log.gz", &log[..2_000], Limits::default());
    assert_eq!(paths(&found), ["a.log.gz!a.log"]);
    assert!(!found[0].1.is_empty());
    assert!(problems[0].lost && printed(&problems).contains("cut or damaged after"));
}

#[test]
fn what_cannot_be_read_is_told_per_member() {
    let mut bytes = zipped(&[("a.log", b"aaaa"), ("b.log", b"bbbb")]);
    let at = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
    (bytes[6], bytes[at + 8]) = (1, 1);
    let (found, problems) = of_bytes("secret.zip", &bytes, Limits::default());
    assert_eq!(paths(&found), ["secret.zip!b.log"]);
    assert!(printed(&problems).contains("secret.zip!a.log: protected by a password"));
    // A flipped byte in the content is found by the check sum.
    let mut bytes = zipped(&[("a.log", &noise(2_000))]);
    bytes[1_000] ^= 1;
    let (found, problems) = of_bytes("bad.zip", &bytes, Limits::default());
    assert_eq!(
        (found.len(), problems.len()),
        (1, 1),
        "{}",
        printed(&problems)
    );
}

#[test]
fn our_own_reports_are_known_and_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("x-report");
    fs::create_dir_all(report.join("pictures")).unwrap();
    let verdicts = "{\n  \"schema\": \"pkgtrail-verdicts-1\"";
    let files = [
        "verdicts.json",
        "report.html",
        "pictures/a.png",
        "notes.txt",
    ];
    for file in files {
        fs::write(report.join(file), verdicts).unwrap();
    }
    fs::write(folder.path().join("report.html"), "mine").unwrap();
    let inside = files.map(|file| (format!("r/{file}"), verdicts.as_bytes()));
    let inside: Vec<(&str, &[u8])> = inside
        .iter()
        .map(|(name, text)| (name.as_str(), *text))
        .collect();
    fs::write(folder.path().join("z.zip"), zipped(&inside)).unwrap();
    let mut own = Vec::new();
    visit(
        &[folder.path().to_owned()],
        &Limits::default(),
        &Silent,
        &mut |member, _| {
            if member.own_report {
                own.push(member.path.split_once('/').unwrap().1.to_owned());
            }
        },
    );
    assert_eq!(
        own,
        [
            "x-report/pictures/a.png",
            "x-report/report.html",
            "x-report/verdicts.json",
            "z.zip!r/verdicts.json",
            "z.zip!r/report.html",
            "z.zip!r/pictures/a.png",
        ]
    );
}

#[test]
fn our_texts_are_known_in_streams_too() {
    let verdicts = "{\n  \"schema\": \"pkgtrail-verdicts-1\"";
    let table = "time,time_end,utc,server,package,kind,state,version,path,code,severity,component,process,thread,tick,message,sources,pattern,wording\n2026";
    let files: [(&str, &[u8]); 5] = [
        ("r/timeline.csv", table.as_bytes()),
        (
            "r/summary.md",
            b"# Why packages were downloaded again on PS01\n",
        ),
        ("r/history.csv", table.as_bytes()),
        ("r/report.html", b"mine"),
        ("r/verdicts.json", verdicts.as_bytes()),
    ];
    let archives = [
        ("a.tar", tarred(&files)),
        ("a.tgz", gzipped(&tarred(&files))),
        ("a.7z", super::sevens::tests::stored(&files)),
        ("a.zip.gz", gzipped(&zipped(&[("in.tar", &tarred(&files))]))),
    ];
    for (name, bytes) in archives {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(name);
        fs::write(&place, bytes).unwrap();
        let mut own = Vec::new();
        visit(&[place], &Limits::default(), &Silent, &mut |member, _| {
            if member.own_report {
                own.push(names::last(&member.path).to_owned());
            }
        });
        assert_eq!(
            own,
            ["timeline.csv", "summary.md", "verdicts.json"],
            "{name}"
        );
    }
}

/// What is handed out, what is told, and what is damaged, of a file with these bytes.
fn damage(name: &str, bytes: &[u8]) -> (Vec<String>, String, BTreeSet<String>) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join(name);
    fs::write(&place, bytes).unwrap();
    let found = Mutex::new(Vec::new());
    let visited = visit_parallel(
        &[place],
        &Limits::default(),
        &Silent,
        1,
        &|member, stream, _| {
            io::copy(stream, &mut io::sink()).unwrap();
            found.lock().unwrap().push(member.path);
        },
    );
    let told = printed(&visited.problems);
    for path in &visited.damaged {
        assert!(visited.is_damaged(path) && visited.is_damaged(&format!("{path}!a")));
        assert!(!visited.is_damaged(&format!("{path}a")) && told.contains(path.as_str()));
    }
    (found.into_inner().unwrap(), told, visited.damaged)
}

#[test]
fn wrong_bytes_are_known_and_a_cut_is_another_thing() {
    let text = "a line of text that is long enough to be packed\n".repeat(40);
    let spoilt = |mut bytes: Vec<u8>, at: usize| {
        bytes[at] ^= 1;
        bytes
    };
    let of_end = |bytes: Vec<u8>, back: usize| {
        let at = bytes.len() - back;
        spoilt(bytes, at)
    };
    let gz = || gzipped(text.as_bytes());
    let tgz = || gzipped(&tarred(&[("a.log", text.as_bytes())]));
    let zip = zipped(&[("a.log", text.as_bytes())]);
    let content = 30 + "a.log".len();
    let sum = "its check sum does not match";
    for (name, bytes, told, damaged) in [
        ("a.log.gz", gz(), "", ""),
        ("a.log.gz", of_end(gz(), 8), sum, "a.log.gz!a.log"),
        ("a.tgz", tgz(), "", ""),
        ("a.tgz", of_end(tgz(), 8), sum, "a.tgz"),
        (
            "a.tgz",
            tgz()[..tgz().len() - 4].to_vec(),
            "cut or damaged",
            "",
        ),
        (
            "a.tgz",
            [tgz(), b"more than a header has".to_vec()].concat(),
            "a.tgz: cut or damaged",
            "a.tgz",
        ),
        ("b.gz", of_end(gzipped(&tgz()), 8), sum, "b.gz!b"),
        ("a.zip", zip.clone(), "", ""),
        (
            "a.zip",
            spoilt(zip.clone(), content + 9),
            "a.zip!a.log: ",
            "a.zip!a.log",
        ),
    ] {
        let (found, printed, known) = damage(name, &bytes);
        assert_eq!(found.len(), 1, "{name}: {printed}");
        assert_eq!(printed.is_empty(), told.is_empty(), "{name}: {printed}");
        assert!(printed.contains(told), "{name}: {printed}");
        assert_eq!(
            Vec::from_iter(known).join(" "),
            damaged,
            "{name}: {printed}"
        );
    }
}

#[test]
fn a_tar_is_read_to_the_end_of_its_file() {
    let one = tarred(&[("a.log", b"one")]);
    let both = [one.clone(), tarred(&[("b.log", b"two")])].concat();
    let (found, told, _) = damage("two.tar", &both);
    assert_eq!(found, ["two.tar!a.log", "two.tar!b.log"]);
    assert!(told.contains("its end stands in its midst"), "{told}");
    // A single block that was lost.
    let header_and_text = &one[..1_024];
    let lost = [header_and_text, &[0; 512], &both[one.len()..]].concat();
    assert_eq!(damage("lost.tar", &lost).0.len(), 2);
    let (found, told, _) = damage("more.tar", &[one.clone(), vec![7; 600]].concat());
    assert!(
        found.len() == 1 && told.contains("behind its end"),
        "{told}"
    );
    // A kind that nobody knows is a file; a folder has no content.
    for (kind, count) in [(b'Z', 1), (b'M', 1), (b'5', 0), (b'V', 0)] {
        let mut bytes = one.clone();
        bytes[156] = kind;
        let mut header = tar::Header::from_byte_slice(&bytes[..512]).clone();
        header.set_cksum();
        bytes[..512].copy_from_slice(header.as_bytes());
        let (found, told, _) = damage("kind.tar", &bytes);
        assert_eq!(found.len(), count, "{told}");
        assert_eq!(
            told.contains("bytes stand behind it"),
            kind == b'5',
            "{told}"
        );
    }
    let mut sparse = tar::Builder::new(Vec::new());
    let keys = [("GNU.sparse.major", &b"1"[..]), ("GNU.sparse.minor", b"0")];
    sparse.append_pax_extensions(keys).unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_size(3);
    sparse
        .append_data(&mut header, "holes.log", &b"abc"[..])
        .unwrap();
    let holes = [header_and_text, &sparse.into_inner().unwrap()].concat();
    let (found, told, _) = damage("holes.tar", &holes);
    assert!(
        found == ["holes.tar!a.log"] && told.contains("holes.log: a file with holes"),
        "{told}"
    );
}

#[test]
fn of_a_zip_nothing_is_hidden() {
    let hidden = zipped(&[("first.log", b"first")]);
    let both = [hidden, zipped(&[("second.log", b"second")])].concat();
    let (found, told, _) = damage("both.zip", &both);
    assert_eq!(found, ["both.zip!second.log"]);
    assert!(
        told.contains("members that its list does not have, `first.log` first"),
        "{told}"
    );
    // A name like a folder's, and content.
    let bytes = zipped(&[("a.logX", b"content")]);
    let mut like_a_folder = bytes.clone();
    while let Some(at) = like_a_folder.windows(6).position(|at| at == b"a.logX") {
        like_a_folder[at + 5] = b'/';
    }
    assert_eq!(damage("slash.zip", &like_a_folder).0.len(), 1);
    let mut odd = zipped(&[("a.log", b"content")]);
    let list = odd.windows(4).position(|at| at == b"PK\x01\x02").unwrap();
    for place in [8, list + 10] {
        odd[place..place + 2].copy_from_slice(&97_u16.to_le_bytes());
    }
    let (found, told, _) = damage("odd.zip", &odd);
    assert!(
        found.is_empty() && told.contains("packed by the method"),
        "{told}"
    );
}

#[test]
fn no_bytes_make_it_panic() {
    let noise = noise(1 << 20);
    let samples = [
        zipped(&[("a.log", &noise[..600]), ("b.zip", &zipped(&[("c", b"c")]))]),
        streamed_zip(&[("a.log", &noise[..600])]),
        tarred(&[("a.log", &noise[..600]), (&"n".repeat(200), b"x")]),
        gzipped(&tarred(&[("a.log", &noise[..600])])),
    ];
    let run = |bytes: &[u8]| {
        let mut walk = Walk {
            limits: Limits::default(),
            progress: &Silent,
            threads: 1,
            each: &|_, stream, _| {
                io::copy(stream, &mut io::sink()).unwrap();
            },
            problems: Vec::new(),
            damaged: BTreeSet::new(),
            expanded: Counter::default(),
            entries: 0,
        };
        let member = Member {
            path: "x".to_owned(),
            modified: None,
            own_report: false,
            size: None,
        };
        walk.member(member, &mut &*bytes, 0);
        walk.problems
    };
    run(&noise);
    for sample in &samples {
        assert_eq!(run(sample), []);
        for cut in 0..sample.len() {
            run(&sample[..cut]);
        }
        for at in 0..sample.len() {
            let mut flipped = sample.clone();
            flipped[at] ^= noise[at] | 1;
            run(&flipped);
        }
    }
}

#[test]
fn what_is_told_of_the_bytes_read_adds_up_to_the_size_on_disk() {
    use std::sync::Mutex;
    #[derive(Default)]
    struct Told(Mutex<(Vec<String>, u64)>);
    impl Progress for Told {
        fn file(&self, path: &str) {
            self.0.lock().unwrap().0.push(path.to_owned());
        }
        fn read(&self, bytes: u64) {
            self.0.lock().unwrap().1 += bytes;
        }
    }
    let noise = noise(300_000);
    let zip = zipped(&[
        ("a.log", &noise),
        ("b.log", b"b"),
        ("c.zip", &zipped(&[("d", b"d")])),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let files: [(&str, &[u8]); 6] = [
        ("plain.log", &noise),
        ("whole.zip", &zip),
        ("cut.zip", &zip[..zip.len() / 2]),
        ("a.tar", &tarred(&[("t.log", &noise)])),
        ("a.gz", &gzipped(&noise)),
        ("empty", b""),
    ];
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let size: u64 = files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let twice = [folder.path().to_owned(), folder.path().join(".")];
    assert_eq!(size_on_disk(&twice), size);
    // Whether members are read to their ends or not at all.
    for most in [u64::MAX, 0] {
        let told = Told::default();
        visit(&twice, &Limits::default(), &told, &mut |member, stream| {
            told.file(&member.path);
            let _ = io::copy(&mut stream.take(most), &mut io::sink());
        });
        let (paths, read) = told.0.into_inner().unwrap();
        assert_eq!(read, size, "{most}");
        assert!(paths.iter().any(|path| path.ends_with("whole.zip!c.zip!d")));
    }
    assert_eq!(size_on_disk(&[folder.path().join("nowhere")]), 0);
}

/// However many threads read a zip: the same members, the same bytes, the same problems, and the
/// size of the file as progress.
#[test]
fn the_number_of_threads_changes_nothing() {
    let inner = zipped(&[("x.log", b"x"), ("y.log", b"y")]);
    let mut files: Vec<(String, Vec<u8>)> = (0..40)
        .map(|number| (format!("{number}.log"), noise(1_000 + number * 700)))
        .collect();
    files.insert(7, ("first.zip".to_owned(), inner.clone()));
    files.insert(
        30,
        ("t.tgz".to_owned(), gzipped(&tarred(&[("z.log", b"z")]))),
    );
    files.push(("../out.log".to_owned(), b"outside".to_vec()));
    let listed: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let whole = zipped(&listed);
    let mut damaged = whole.clone();
    for at in (whole.len() / 4..whole.len() / 2).step_by(900) {
        damaged[at] ^= 0x55;
    }
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("a.zip");
    let small = Limits {
        max_size: 50_000,
        ..Limits::default()
    };
    let few = Limits {
        max_entries: 20,
        ..Limits::default()
    };
    for (bytes, limits, lost) in [
        (&whole, Limits::default(), false),
        (&damaged, Limits::default(), true),
        (&whole, small, true),
        (&whole, few, true),
    ] {
        fs::write(&place, bytes).unwrap();
        let run = |threads: usize| {
            let found = Mutex::new(Vec::new());
            let told = Told(std::sync::atomic::AtomicU64::new(0));
            let arguments = std::slice::from_ref(&place);
            let mut visited =
                visit_parallel(arguments, &limits, &told, threads, &|member, stream, _| {
                    let mut bytes = Vec::new();
                    stream.read_to_end(&mut bytes).unwrap();
                    let modified = member.modified;
                    found.lock().unwrap().push((member.path, modified, bytes));
                });
            let mut found = found.into_inner().unwrap();
            found.sort();
            visited.problems.sort();
            assert_eq!(told.0.into_inner(), bytes.len() as u64);
            (found, visited.problems, visited.damaged)
        };
        let alone = run(1);
        assert_eq!(alone.1.iter().any(|problem| problem.lost), lost);
        assert!(alone.0.len() > 10);
        for threads in [2, 3, 16] {
            for _ in 0..5 {
                assert_eq!(run(threads), alone, "{threads}");
            }
        }
    }
}

/// A file of ten bytes, and the folder that goes with it.
fn ten_digits() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("Agent.log");
    fs::write(&place, b"0123456789").unwrap();
    (folder, place)
}

#[test]
fn a_file_that_breaks_under_another_reader_is_told() {
    use guard::{Leaf, OnDisk};
    use std::sync::atomic::AtomicU64;
    let (_folder, place) = ten_digits();
    // One that may only be written to cannot be read.
    let opened = |is_whole: bool| {
        fs::OpenOptions::new()
            .read(is_whole)
            .write(true)
            .open(&place)
    };
    let told = Told::default();
    for is_whole in [true, false] {
        let on_disk = OnDisk {
            file: opened(is_whole).unwrap(),
            left: std::sync::Arc::new(AtomicU64::new(8)),
            progress: &told,
        };
        let mut unread: &[u8] = b"";
        let mut leaf = Leaf::new(&mut unread, Some(on_disk));
        let mut detached = leaf.detach().unwrap();
        assert!(leaf.detach().is_none());
        let mut read = Vec::new();
        detached.read_to_end(&mut read).unwrap();
        assert_eq!(read, if is_whole { &b"0123456789"[..] } else { b"" });
        leaf.follow();
        leaf.follow();
        let broken = leaf.broken();
        assert_eq!(
            broken.as_ref().map(|(read, _)| *read),
            (!is_whole).then_some(0)
        );
        assert!(broken.is_none_or(|(_, error)| is_damage(&error)));
    }
    // Never more than the file has.
    assert_eq!(told.0.into_inner(), 8);
}

/// Whoever comes upon it first: the first place that cannot be read is told, and what lies before it
/// can be read.
#[test]
fn a_stretch_that_breaks_ends_only_what_lies_behind_it() {
    use guard::{Leaf, OnDisk};
    let (_folder, place) = ten_digits();
    let told = Told::default();
    let on_disk = OnDisk {
        // One that may only be written to cannot be read.
        file: fs::OpenOptions::new().write(true).open(&place).unwrap(),
        left: std::sync::Arc::new(std::sync::atomic::AtomicU64::new(100)),
        progress: &told,
    };
    let mut unread: &[u8] = b"";
    let mut leaf = Leaf::new(&mut unread, Some(on_disk));
    let mut detached = leaf.detach().unwrap();
    let mut stretches = [3, 4, 2].map(|length| detached.stretch(length).unwrap());
    for at in [2, 1] {
        assert_eq!(stretches[at].read(&mut [0; 9]).unwrap(), 0);
    }
    // The first one is as it was; nothing more is promised, nor read behind it.
    let taken = detached.taken();
    assert!(detached.stretch(1).is_none() && detached.read(&mut [0; 9]).unwrap() == 0);
    assert_eq!((stretches[0].count(), taken.bytes()), (0, 0));
    let (at, error) = leaf.broken().unwrap();
    assert_eq!((at, is_damage(&error)), (3, true));
}

#[test]
fn stretches_of_a_file_are_read_in_any_order() {
    use guard::{Leaf, OnDisk};
    let (_folder, place) = ten_digits();
    let told = Told::default();
    let on_disk = OnDisk {
        file: fs::File::open(&place).unwrap(),
        left: std::sync::Arc::new(std::sync::atomic::AtomicU64::new(100)),
        progress: &told,
    };
    let mut unread: &[u8] = b"";
    let mut leaf = Leaf::new(&mut unread, Some(on_disk));
    let mut detached = leaf.detach().unwrap();
    let mut first = [0; 3];
    detached.read_exact(&mut first).unwrap();
    let stretches = [4, 2, 9].map(|length| detached.stretch(length).unwrap());
    let read = |mut stream: &mut dyn Read| {
        let mut read = String::new();
        (&mut stream).read_to_string(&mut read).unwrap();
        read
    };
    let [mut one, mut two, mut beyond] = stretches;
    assert_eq!(read(&mut detached), "");
    assert_eq!(
        (read(&mut two), read(&mut beyond)),
        ("78".into(), "9".into())
    );
    let taken = detached.taken();
    assert_eq!((first, taken.bytes()), (*b"012", 6));
    assert_eq!(read(&mut (&mut one).take(1)), "3");
    assert_eq!((two.count(), two.is_whole()), (2, true));
    assert_eq!((beyond.count(), beyond.is_whole()), (1, false));
    // Once more from where it ended, whatever follows it by now.
    detached.go_on_behind(&beyond);
    assert_eq!(read(&mut detached), "");
    // Whoever was left behind finds an end.
    taken.end();
    assert_eq!((read(&mut one), taken.bytes()), (String::new(), 7));
}

#[derive(Default)]
struct Told(std::sync::atomic::AtomicU64);

impl crate::model::Progress for Told {
    fn read(&self, bytes: u64) {
        self.0
            .fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
    }
}
