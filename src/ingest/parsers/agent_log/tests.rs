//! What a log gives, whole, cut, damaged and in pieces.

use super::attributes::*;
use super::*;
use crate::evidence::{self, Limits, Stretch};
use crate::ingest::blocks::Filled;
use crate::ingest::encoding::{Encoding, Utf8Reader};
use crate::ingest::hashing::{self, Where};
use crate::model::Fact;
use crate::model::Silent;
use std::io::{BufRead, Read, Write};

const ID: &str = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";
const REAL: &str = "<event date='May 16 11:51:05' severity='2' hostName='pc100' source='CreateDirectoryPath' module='AeXNSAgent.exe' process='AeXNSAgent.exe' pid='724' thread='1740' tickCount='495844828' >\n  <![CDATA[Cannot create directory: 0x80070005 [Access is denied] d:]]></event>\n<event date='May 16 11:51:05' severity='2' hostName='pc100' source='EventTransport' module='AeXNSAgent.exe' process='AeXNSAgent.exe' pid='724' thread='1740' tickCount='495844843' >\n  <![CDATA[Error while copying event to capture directory: Access is denied (-2147024891)]]></event>\n";

fn read(bytes: &[u8]) -> (LogFacts, Vec<Defect>) {
    read_by(bytes, 1)
}

fn read_by(bytes: &[u8], threads: usize) -> (LogFacts, Vec<Defect>) {
    read_with(&Catalogue::new(), bytes, threads)
}

fn read_with(catalogue: &Catalogue, bytes: &[u8], threads: usize) -> (LogFacts, Vec<Defect>) {
    let how = How {
        catalogue,
        order: None,
        threads,
        tags: false,
    };
    let mut defects = Vec::new();
    let facts = parse(&mut &bytes[..], &how, &mut |_, _, _| (), &mut defects);
    (facts, defects)
}

fn event(text: &str) -> String {
    format!(
        "<event date='Nov 03 02:00:00' severity='4' hostName='PS01' source='Package Delivery' process='a.exe' pid='7' thread='8' tickCount='9' >\r\n<![CDATA[{text}]]>\r\n</event>\r\n"
    )
}

#[test]
fn real_records_are_read() {
    assert!(recognise(REAL));
    let (facts, defects) = read(REAL.as_bytes());
    assert_eq!((facts.records, facts.kept.len(), defects.len()), (2, 1, 0));
    let kept = &facts.kept[0];
    assert_eq!(kept.line(), 1);
    assert_eq!(
        kept.said.fact,
        Fact::AccessDenied {
            code: Some(0x8007_0005)
        }
    );
    assert_eq!(kept.server.as_deref(), Some("pc100"));
    assert_eq!(
        &*kept.record.as_ref().unwrap().writer.process,
        "AeXNSAgent.exe (724)"
    );
    assert_eq!(
        (
            kept.record.as_ref().unwrap().thread,
            kept.record.as_ref().unwrap().tick,
            kept.record.as_ref().unwrap().severity
        ),
        (Some(1740), Some(495_844_828), Some(2))
    );
    assert_eq!(
        facts.hosts.into_iter().collect::<Vec<_>>(),
        [("pc100".into(), 2)]
    );
}

#[test]
fn other_kinds_of_files_are_not_taken() {
    for text in [
        "",
        "<Event xmlns='http'><System/></Event>",
        "<events><event/></events>",
        "Date: 1/1/2020",
        "<event name='x'>",
    ] {
        assert!(!recognise(text), "{text}");
    }
    assert!(recognise(
        "rest of a record]]></event>\n<event severity=\"1\" date=\"Sep 26 15:37:19\" hostN"
    ));
}

#[test]
fn attributes_come_in_any_order_and_quoting() {
    let tag = "<event\r\n tickCount = \"12\"\tsource='Package &amp; Delivery' x='1' hostName=\"P'S\" thread='' date='Sep 26 15:37:19'>";
    let attributes = Attributes::read(tag.as_bytes());
    assert_eq!(attributes.tick, Some(&b"12"[..]));
    assert_eq!(value(attributes.source.unwrap()), "Package & Delivery");
    assert_eq!(attributes.host, Some(&b"P'S"[..]));
    assert_eq!(attributes.severity, None);
    let text = format!("{tag}Marking package id: {ID} as deleted &lt;now&gt;&#33;</event>");
    let (facts, _) = read(text.as_bytes());
    assert_eq!(facts.kept[0].said.fact, Fact::MarkedDeleted);
    assert!(facts.kept[0].said.message.ends_with("deleted <now>!"));
}

#[test]
fn text_may_hold_markup_and_lines() {
    let tricky = format!(
        "a <event date='x' severity='4'> b </event> {ID}\nline 2\nline 3 ]]]]><![CDATA[> end"
    );
    let log = event(&tricky) + &event(&format!("Starting download of package {ID}"));
    let (facts, defects) = read(log.as_bytes());
    assert_eq!(defects, []);
    assert_eq!(facts.records, 2);
    assert_eq!(
        &*facts.kept[0].said.message,
        tricky.replace("]]]]><![CDATA[>", "]]>")
    );
    assert_eq!(facts.kept[1].line(), 6);
}

#[test]
fn what_happens_twice_stays_twice_and_chatter_is_counted() {
    let one = event(&format!("Starting download of package {ID}"));
    let log = format!(
        "{one}{one}{}{}",
        event("Free space on D: 280 GB"),
        event(&format!("Something odd with {ID}"))
    );
    let (facts, _) = read(log.as_bytes());
    assert_eq!(
        (
            facts.records,
            facts.kept.len(),
            facts.matched,
            facts.unmatched
        ),
        (4, 3, 2, 1)
    );
    assert_eq!(facts.kept[2].said.fact, Fact::Other);
    assert!(!facts.wordings.contains_key("Free space on D: <n> GB"));
    assert_eq!(
        facts.wordings["Starting download of package <guid>"].count,
        2
    );
    assert_eq!(facts.wordings["Something odd with <guid>"].pattern, None);
    // Who shows no wordings loses nothing else.
    let uncounted = read_with(&Catalogue::new().counting(false), log.as_bytes(), 1).0;
    assert!(uncounted.wordings.is_empty());
    let told = |facts: LogFacts| {
        let wordings = BTreeMap::new();
        format!("{:?}", LogFacts { wordings, ..facts })
    };
    assert_eq!(told(uncounted), told(facts));
}

#[test]
fn bytes_of_windows_1252_are_read() {
    let mut log = event(&format!(
        "{ID}: missing file 'D:\\Pkg\\\u{1}bersetzung.dll'"
    ))
    .into_bytes();
    for byte in &mut log {
        if *byte == 1 {
            *byte = 0xdc;
        }
    }
    let (facts, _) = read(&log);
    assert_eq!(
        facts.kept[0].said.fact,
        Fact::FileMissing {
            path: r"D:\Pkg\Übersetzung.dll".into()
        }
    );
}

/// A log of about 6 KB in which every record differs.
fn sample() -> (String, Vec<(usize, usize)>) {
    let (mut log, mut places) = (String::new(), Vec::new());
    for index in 0..24 {
        let start = log.len();
        log += &event(&format!(
            "Package {ID}: block {index} of 96 downloaded (a.txt)"
        ))
        .replace("]]>\r\n", ["]]>\r\n", "]]>"][index % 2]);
        places.push((start, log.trim_end().len()));
    }
    (log, places)
}

#[test]
fn a_log_cut_anywhere_gives_every_whole_record() {
    let (log, places) = sample();
    for cut in 0..=log.len() {
        let (facts, defects) = read(&log.as_bytes()[..cut]);
        let whole = places.iter().filter(|(_, end)| *end <= cut).count();
        let found = facts.kept.len();
        // A record whose text is complete counts although its end tag is cut.
        assert!(
            found == whole || found == whole + 1,
            "{cut}: {found} of {whole}"
        );
        assert!(
            defects.iter().all(|defect| !defect.lost),
            "{cut}: {defects:?}"
        );
        let (facts, defects) = read(&log.as_bytes()[cut..]);
        let whole = places.iter().filter(|(start, _)| *start >= cut).count();
        assert_eq!(facts.kept.len(), whole, "{cut}");
        assert!(
            defects.iter().all(|defect| !defect.lost),
            "{cut}: {defects:?}"
        );
        if let Some(first) = facts.kept.first() {
            let line = log[cut..]
                .find("<event")
                .map(|at| lines(&log.as_bytes()[cut..cut + at]) + 1);
            assert_eq!(Some(first.line()), line);
        }
    }
}

#[test]
fn the_halves_of_a_cut_record_can_be_joined() {
    let (log, _) = sample();
    let bytes = log.as_bytes();
    let mut joined = 0;
    for cut in 400..1_000 {
        let (old, _) = read(&bytes[..cut]);
        let (new, _) = read(&bytes[cut..]);
        if let (Some((_, tail)), Some((_, head))) = (&old.tail_cut, &new.head_cut) {
            let whole = parse_joined(tail, head, &Catalogue::new());
            if tail == b"<" && head.starts_with(b"/") {
                assert!(whole.is_none(), "the end tag of a record that is used");
                continue;
            }
            assert!(whole.is_some_and(|whole| whole.record.is_some()), "{cut}");
            joined += 1;
            assert_eq!(old.kept.len() + new.kept.len() + 1, 24, "{cut}");
        }
    }
    assert!(joined > 400, "{joined}");
}

#[test]
fn two_writers_cost_one_record_not_two() {
    let inner = event(&format!("Starting download of package {ID}"));
    let outer = "<event date='Nov 03 02:00:00' severity='4' source='x'>\n<![CDATA[half a sen";
    let log = format!("{outer}{inner}tence]]></event>\n{inner}");
    let (facts, defects) = read(log.as_bytes());
    assert_eq!(facts.kept.len(), 2);
    assert_eq!(defects.len(), 1, "{defects:?}");
    assert_eq!((defects[0].line, defects[0].lost), (Some(1), true));
    assert_eq!((facts.kept[0].line(), facts.kept[1].line()), (2, 6));
    let tag = "<event date='Nov 03 02:00:00' sever";
    let (facts, defects) = read(format!("{inner}{tag}{inner}").as_bytes());
    assert_eq!((facts.kept.len(), defects.len()), (2, 1));
}

#[test]
fn text_between_records_is_told_with_its_line() {
    let one = event(&format!("Starting download of package {ID}"));
    let (facts, defects) =
        read(format!("{one}pasted by hand\n{one}rest]]></event>\n{one}").as_bytes());
    assert_eq!(facts.kept.len(), 3);
    assert_eq!(
        defects
            .iter()
            .map(|defect| (defect.line, defect.lost))
            .collect::<Vec<_>>(),
        [(Some(4), false), (Some(8), true)]
    );
}

#[test]
fn a_record_over_a_mebibyte_is_cut_and_reading_goes_on() {
    let long = event(&format!("{ID} {}", "x\n".repeat(700_000)));
    let one = event(&format!("Starting download of package {ID}"));
    let filler = event("chatter").repeat(9_000);
    let (facts, defects) = read(format!("{one}{long}{filler}{one}").as_bytes());
    assert_eq!(facts.records, 9_003);
    assert_eq!(facts.kept.len(), 3);
    assert_eq!(defects.len(), 1);
    assert_eq!(facts.kept[2].line(), 1 + 3 + 3 + 700_000 + 3 * 9_000);
    let endless = format!(
        "{one}<event date='a' severity='4'><![CDATA[{}",
        "y".repeat(5 << 20)
    );
    let (facts, defects) = read(endless.as_bytes());
    assert_eq!(
        (
            facts.records,
            defects.iter().filter(|defect| defect.lost).count()
        ),
        (2, 1)
    );
}

#[test]
fn flipped_bytes_are_survived() {
    let (log, _) = sample();
    let mut seed = 7_u64;
    for _ in 0..400 {
        let mut bytes = log.clone().into_bytes();
        for _ in 0..12 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = (seed >> 33) as usize % bytes.len();
            bytes[at] = (seed >> 20) as u8;
        }
        let (facts, _) = read(&bytes);
        assert!(facts.records >= 8);
    }
}

#[test]
fn a_reader_that_gives_single_bytes_changes_nothing() {
    struct Slow<'b>(&'b [u8]);
    impl std::io::Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            into[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }
    let (log, _) = sample();
    let mut seen = Vec::new();
    let catalogue = Catalogue::new();
    let how = How {
        catalogue: &catalogue,
        order: None,
        threads: 2,
        tags: false,
    };
    let facts = parse(
        &mut std::io::BufReader::with_capacity(1, Slow(log.as_bytes())),
        &how,
        &mut |line, stamp, tick| seen.push((line, stamp.is_some(), tick)),
        &mut Vec::new(),
    );
    assert_eq!(facts.kept.len(), 24);
    assert_eq!(seen[0], (1, true, Some(9)));
    assert_eq!(seen.len(), 24);
}

/// A log of some mebibytes with everything that can lie across a block's end: sections that quote
/// end tags, records of two writers, a record that is too long, text without records, a cut end.
fn awkward() -> Vec<u8> {
    let mut log = Vec::new();
    let mut number = 0_u64;
    let mut next = move || {
        number = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        number >> 33
    };
    while log.len() < 9 * BLOCK {
        let text = match next() % 400 {
            0 => "it wrote </event> here, and <event date='x' severity='4'> too".to_owned(),
            1 => format!(
                "Package {ID}: block {} of 96 downloaded (readme.txt)",
                next() % 96
            ),
            2 => format!("{} </event> {}", "a".repeat(700), "b".repeat(300)),
            3 => format!("Package {ID} checked. Status: Ready"),
            other => format!("chatter {other} of {}", next() % 1_000),
        };
        let record = event(&text);
        match next() % 3_000 {
            0 => log.extend_from_slice(&record.as_bytes()[..record.len() / 2]),
            1 => log.extend_from_slice(b"\r\nsomebody's notes </event>\r\n"),
            2 => log.extend_from_slice(event(&"z".repeat(BLOCK + 5_000)).as_bytes()),
            3 => log.extend_from_slice(&vec![b'#'; BLOCK * 3 / 2]),
            _ => log.extend_from_slice(record.as_bytes()),
        }
    }
    log.extend_from_slice(&event("the last one").as_bytes()[..60]);
    log
}

/// What a second writer left of a record, with a block's end at every place in it: it is told as
/// where no block ends.
#[test]
fn where_blocks_end_changes_nothing() {
    let begun = event("A begins");
    let [broken, rest] = [&begun[..begun.len() - 20], &begun[begun.len() - 20..]];
    let story = [
        broken,
        &event("B in the midst of it"),
        rest,
        "\r\n",
        &event("C"),
        "stray ]]></event>\r\nand more</event>",
        &event("D"),
        "\0\0\0\0</event>",
        &event("E"),
    ]
    .concat();
    let told = |before: &str| {
        let (facts, defects) = read(&[before, &story].concat().into_bytes());
        let first = i64::from(lines(before.as_bytes()));
        let within = |line: u32| i64::from(line) - first;
        let defects: Vec<_> = defects
            .into_iter()
            .map(|one| (one.line.map(within), one.what))
            .collect();
        let holes: Vec<_> = facts
            .holes
            .iter()
            .map(|(from, to)| (within(from.line), within(to.line)))
            .collect();
        (defects, holes)
    };
    let chatter = event(&"chatter ".repeat(10_000));
    let expected = told(&chatter);
    assert!(expected.0.len() > 2, "{expected:?}");
    let many = chatter.repeat(BLOCK / chatter.len() - 1);
    for at in (0..story.len()).step_by(3) {
        let filler = "f".repeat(BLOCK - at - many.len() - event("").len());
        let before = [many.as_str(), &event(&filler)].concat();
        assert_eq!(before.len() + at, BLOCK);
        assert_eq!(told(&before), expected, "{at}");
    }
}

/// At the end of a file it is known that no end of a text follows, however the last blocks lie.
#[test]
fn what_never_ends_is_broken_off_by_the_next_record() {
    let begun = event("begun");
    let broken = &begun[..begun.len() - 20];
    let endless = event(&"y".repeat(BLOCK * 19 / 10));
    for before in [0, 1, 400] {
        let before = event("chatter").repeat(before);
        let log = [&before, broken, &endless[..endless.len() - 20]].concat();
        for threads in [1, 2] {
            let (facts, defects) = read_by(log.as_bytes(), threads);
            let told: Vec<&str> = defects.iter().map(|one| one.what.as_str()).collect();
            let expected = [
                "record broken off by the next record",
                "record longer than 1 MiB",
            ];
            assert_eq!(told, expected, "{}", before.len());
            assert_eq!(
                facts.records as usize,
                lines(before.as_bytes()) as usize / 3 + 1
            );
        }
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let log = awkward();
    let (facts, defects) = read(&log);
    let shape = (
        facts.records > 5_000,
        defects.len() > 5,
        facts.tail_cut.is_some(),
    );
    assert_eq!(
        shape,
        (true, true, true),
        "{} records, {defects:?}",
        facts.records
    );
    assert!(
        defects
            .iter()
            .any(|one| one.what.contains("longer than 1 MiB"))
    );
    let one = format!("{facts:?} {defects:?}");
    for threads in [2, 3, 8] {
        let (facts, defects) = read_by(&log, threads);
        assert!(format!("{facts:?} {defects:?}") == one, "{threads} threads");
    }
}

/// Of a file on disk, threads read their blocks side by side, unless a hash is made of them; wherever
/// it ends, it is read to the end.
#[test]
fn a_file_on_disk_is_read_as_one_in_memory() {
    let whole = awkward();
    // A record that goes on over several blocks, and one that never ends.
    let long = event(&"y".repeat(BLOCK * 7 / 2));
    let more = [&long, &event("after"), &long[..BLOCK * 5 / 2]].concat();
    let log = [&whole[..BLOCK * 5 / 2], more.as_bytes()].concat();
    let whole_blocks = |bytes: &[u8]| bytes.len() / BLOCK * BLOCK;
    let last = whole_blocks(&log);
    for bytes in [
        &whole[..],
        &log,
        &log[..last],
        &log[..last - 1],
        &log[..last + 1],
    ] {
        let (facts, defects) = read(bytes);
        let expected = format!("{facts:?} {defects:?}");
        let marked = [b"\xEF\xBB\xBF", bytes].concat();
        for threads in [1, 2, 3] {
            for place in [Where::Nowhere, Where::Here] {
                for bytes in [bytes, &marked] {
                    let (told, length) = read_on_disk(bytes, b"", threads, place);
                    assert!(told == expected, "{threads} threads, {}", bytes.len());
                    assert_eq!(length, bytes.len() as u64);
                }
            }
        }
    }
}

/// Whoever panics while a block is read ends all, and is waited for by nobody.
#[test]
fn a_reader_that_panics_leaves_nobody_waiting() {
    struct Panics(usize);
    impl std::io::Read for Panics {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            unreachable!("blocks are taken whole")
        }
    }
    impl std::io::BufRead for Panics {
        fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
            unreachable!("blocks are taken whole")
        }
        fn consume(&mut self, _: usize) {}
    }
    impl Blocks for Panics {
        fn next_block(&mut self, block: &mut blocks::Block) -> std::io::Result<()> {
            if self.0 == 0 {
                resume_unwind(Box::new("on purpose"));
            }
            self.0 -= 1;
            let text = event("chatter").repeat(blocks::BLOCK / event("chatter").len());
            block.clear();
            block.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }
    for after in 0..9 {
        for threads in [1, 2, 3, 8] {
            let how = How {
                catalogue: &Catalogue::new(),
                order: None,
                threads,
                tags: false,
            };
            let mut panics = Panics(after);
            let parse = || parse(&mut panics, &how, &mut |_, _, _| (), &mut Vec::new());
            assert!(
                catch_unwind(AssertUnwindSafe(parse)).is_err(),
                "{after} {threads}"
            );
        }
    }
}

/// What is written to a log while its last block is read belongs to it.
#[test]
fn a_log_that_grows_is_read_to_its_end() {
    let whole = awkward();
    let (facts, defects) = read(&whole);
    let expected = format!("{facts:?} {defects:?}");
    for at in [BLOCK * 5 / 2, BLOCK * 2 - 1, BLOCK * 2 + 1] {
        let (before, after) = whole.split_at(at);
        for threads in [1, 2, 3, 8] {
            for place in [Where::Nowhere, Where::Here] {
                let (told, length) = read_on_disk(before, after, threads, place);
                assert!(told == expected, "{threads} threads, {at}");
                assert_eq!(length, whole.len() as u64);
            }
        }
    }
}

/// A file that grows when a block of it is not full.
struct Grows<'a> {
    inner: Filled,
    file: std::fs::File,
    more: &'a [u8],
}

impl Grows<'_> {
    fn grow(&mut self) {
        self.file.write_all(std::mem::take(&mut self.more)).unwrap();
    }
}

impl Read for Grows<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.inner.read(out)
    }
}

impl BufRead for Grows<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
    }
}

impl Blocks for Grows<'_> {
    fn next_block(&mut self, block: &mut blocks::Block) -> std::io::Result<()> {
        self.inner.next_block(block)?;
        if block.len() < blocks::BLOCK {
            self.grow();
        }
        Ok(())
    }

    fn promise(&mut self) -> Option<Stretch> {
        self.inner.promise()
    }

    fn took(&mut self, read: &Stretch) {
        if !read.is_whole() {
            self.grow();
        }
        self.inner.took(read);
    }
}

fn read_on_disk(bytes: &[u8], more: &[u8], threads: usize, place: Where) -> (String, u64) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Agent.log");
    std::fs::write(&file, bytes).unwrap();
    let catalogue = Catalogue::new();
    let how = How {
        catalogue: &catalogue,
        order: None,
        threads,
        tags: false,
    };
    let told = Mutex::new(None);
    evidence::visit_parallel(
        std::slice::from_ref(&file),
        &Limits::default(),
        &Silent,
        1,
        &|_, stream, _| {
            let mut grows = Grows {
                inner: Filled::new(stream.detach().unwrap()),
                file: std::fs::OpenOptions::new()
                    .append(true)
                    .open(&file)
                    .unwrap(),
                more,
            };
            let (told_by, _, length) = hashing::through(&mut grows, place, |stream| {
                let mut text = Utf8Reader::new(stream, Encoding::Utf8);
                let mut defects = Vec::new();
                let facts = parse(&mut text, &how, &mut |_, _, _| (), &mut defects);
                format!("{facts:?} {defects:?}")
            });
            *told.lock().unwrap() = Some((told_by, length));
        },
    );
    told.into_inner().unwrap().unwrap()
}

#[test]
fn a_log_read_in_blocks_gives_what_its_records_give() {
    // The same records as one block each would have them, and as a block of their own.
    let records: Vec<String> = (0..9_000)
        .map(|number| {
            event(&format!(
                "Package {ID}: block {number} of 9000 downloaded (a.txt)"
            ))
        })
        .collect();
    let (facts, defects) = read_by(records.concat().as_bytes(), 2);
    assert!(records.concat().len() > BLOCK && defects.is_empty());
    assert_eq!(facts.kept.len(), records.len());
    for (place, kept) in facts.kept.iter().enumerate() {
        assert_eq!(kept.line() as usize, 3 * place + 1);
        let number = u32::try_from(place).unwrap();
        let block = matches!(kept.said.fact, Fact::Block { number: of, .. } if of == number);
        assert!(block, "{:?}", kept.said.fact);
    }
}

/// Records are not looked through for odd bytes where all that they are made of is known; also where
/// the same was damaged alike before, those that hold some are told and no others.
#[test]
fn what_is_known_holds_no_bytes_that_are_no_text() {
    let date = "11/03/2026 02:00:00.0580000 +01:00";
    let record = |source: &str, text: &str| {
        format!(
            "<event date='{date}' severity='4' hostName='PS01' source='{source}' module='a.dll' process='a.exe' pid='7' thread='8' tickCount='9' >\n<![CDATA[{text}]]>\n</event>\n"
        )
    };
    let related = record(
        "Package Delivery",
        &format!("Package {ID} checked. Status: Ready"),
    );
    let chatter = record("Scheduler", "Timer thread woke, 17 jobs are checked");
    let long = record("Scheduler", &("checked ".repeat(200) + "twice"));
    let mut damaged = 0;
    for usual in [related, chatter, long] {
        for odd in [&b"\0"[..], b"\xFF\xFF\xFF\xFF"] {
            for word in [
                "11/03", "PS01", "source='", "process=", "checked", "</event",
            ] {
                let place = usual.find(word).unwrap() + word.len() - odd.len();
                let mut broken = usual.clone().into_bytes();
                broken[place..place + odd.len()].copy_from_slice(odd);
                let (usual, broken) = (usual.as_bytes(), &broken[..]);
                let pattern = [0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0];
                let log = pattern.map(|one| [usual, broken][one]).concat();
                let told = read(&log).1.into_iter();
                let told = told.filter(|one| one.what == "record with bytes that are no text");
                let told: Vec<_> = told.filter_map(|one| one.line).collect();
                let lines = (0..).zip(pattern).filter(|(_, one)| *one == 1);
                let lines: Vec<u32> = lines.map(|(at, _)| 1 + 3 * at).collect();
                // Without its end or a quote, it is none.
                let is_record = !matches!(word, "</event" | "source='");
                assert_eq!(told, if is_record { lines } else { told.clone() }, "{word}");
                damaged += told.len();
            }
        }
    }
    assert!(damaged >= 3 * 2 * 4 * 6, "{damaged}");
}

/// Wherever an odd byte stands, its own record is told and no other.
#[test]
fn bytes_that_are_no_text_are_told_where_they_stand() {
    let usual = event(&format!("Package {ID} checked. Status: Ready"));
    // Of another form, so that it is not read as most are.
    let other = usual.replace("</event>", "<b/></event>");
    let whole: String = (0..1_200)
        .map(|at| if at % 7 == 3 { &*other } else { &*usual })
        .collect();
    let lines = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).count() as u32;
    for odd in [&b"\0"[..], b"\xFF\xFF\xFF\xFF"] {
        for at in (0..whole.len()).step_by(13_577) {
            let start = whole[..at].rfind("<event").unwrap_or(0);
            let place = start + whole[start..].find("checked").unwrap();
            let mut bytes = whole.clone().into_bytes();
            bytes[place..place + odd.len()].copy_from_slice(odd);
            let told: Vec<_> = read(&bytes).1.into_iter().map(|one| one.line).collect();
            assert_eq!(told, [Some(1 + lines(&bytes[..start]))], "{place}");
        }
    }
}
