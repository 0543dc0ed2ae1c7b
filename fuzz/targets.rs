//! What is fuzzed: one function for each target, called by the fuzzer with what it makes up and by
//! an ordinary test with what is kept (`tests/fuzzed.rs`). A target fails by a panic.

use pkgtrail::cli::gather;
use pkgtrail::evidence::{self, Limits};
use pkgtrail::ingest::blocks::Blocks;
use pkgtrail::ingest::clock::{Observer, YearHints, ZoneHints, settle};
use pkgtrail::ingest::encoding;
use pkgtrail::ingest::messages::{self, Catalogue};
use pkgtrail::ingest::parsers::{How, KINDS, Parse, Parsed};
use pkgtrail::ingest::stamps::{self, DateOrder};
use pkgtrail::ingest::{self, Options};
use pkgtrail::model::{PackageId, Silent, Stamp};
use pkgtrail::{render, timeline};
use std::io::{BufReader, Cursor, Read};
use std::sync::LazyLock;

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets. Those of the parsers are named after the kinds of evidence.
pub const TARGETS: &[Target] = &[
    ("agent-log", agent_log),
    ("iis-log", iis_log),
    ("snapshot", snapshot),
    ("package-status", package_status),
    ("client-policy", client_policy),
    ("listing", listing),
    ("viewer-copy", viewer_copy),
    ("ps-history", ps_history),
    ("registry", registry),
    ("captures-csv", captures_csv),
    ("messages", message),
    ("clock", clock),
    ("stamps", stamp),
    ("archive", archive),
    ("pipeline", pipeline),
];

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::new);

/// Reads `data` as evidence of the kind `name`, whatever it looks like, with either order of dates.
fn parsed(name: &str, data: &[u8]) {
    let text = encoding::decode(data);
    for kind in KINDS.iter().filter(|kind| kind.name == name) {
        let _ = (kind.recognise)(&text);
        for order in [None, Some(DateOrder::Dmy)] {
            let mut defects = Vec::new();
            let how = How {
                catalogue: &CATALOGUE,
                order,
                threads: 1,
                tags: true,
            };
            let parsed = match kind.parse {
                Parse::Log(parse) => parse(&mut Cursor::new(data), &how, &mut defects),
                Parse::Document(parse) => parse(&text, &how, &mut defects),
            };
            let lines = u32::try_from(data.len()).unwrap_or(u32::MAX);
            for defect in &defects {
                assert!(
                    defect.line.is_none_or(|line| line <= lines + 1),
                    "{defect:?}"
                );
            }
            if let Parsed::Log(facts, _) = parsed {
                assert!(facts.matched + facts.unmatched <= facts.kept.len() as u64);
                for record in &facts.kept {
                    assert!((1..=lines + 1).contains(&record.line()), "{record:?}");
                }
            }
        }
    }
}

/// Also: a log that comes byte by byte is the same log.
pub fn agent_log(data: &[u8]) {
    struct Slowly<'d>(&'d [u8]);
    impl Read for Slowly<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let most = out.len().min(7);
            self.0.read(&mut out[..most])
        }
    }
    parsed("agent-log", data);
    let read = |reader: &mut dyn Blocks| {
        let how = How {
            catalogue: &CATALOGUE,
            order: None,
            threads: 3,
            tags: false,
        };
        let mut defects = Vec::new();
        let mut times = Vec::new();
        let facts = ingest::parsers::agent_log::parse(
            reader,
            &how,
            &mut |line, stamp, tick| times.push((line, stamp.copied(), tick)),
            &mut defects,
        );
        (format!("{facts:?}"), defects, times)
    };
    assert_eq!(
        read(&mut Cursor::new(data)),
        read(&mut BufReader::with_capacity(7, Slowly(data)))
    );
}

pub fn iis_log(data: &[u8]) {
    parsed("iis-log", data);
}

pub fn snapshot(data: &[u8]) {
    parsed("snapshot", data);
}

pub fn package_status(data: &[u8]) {
    parsed("package-status", data);
}

pub fn client_policy(data: &[u8]) {
    parsed("client-policy", data);
}

pub fn listing(data: &[u8]) {
    parsed("listing", data);
}

pub fn viewer_copy(data: &[u8]) {
    parsed("viewer-copy", data);
}

pub fn ps_history(data: &[u8]) {
    parsed("ps-history", data);
}

pub fn registry(data: &[u8]) {
    parsed("registry", data);
}

pub fn captures_csv(data: &[u8]) {
    parsed("captures-csv", data);
}

/// One message of a log, and the same bytes as a file of the user's messages.
pub fn message(data: &[u8]) {
    let text = encoding::text(data);
    let found = CATALOGUE.recognise(&text);
    // Whoever asks whether it is worth while must not be told no where it is.
    let names_guid = PackageId::find(&text).is_some();
    assert!(found.is_none() || names_guid || CATALOGUE.may_match(text.as_bytes()));
    let template = messages::template(&text);
    let _ = (
        messages::Sentence::new(&text).is_near_family(),
        messages::package_in(&text),
        messages::code_in(&text),
        messages::attempt_in(&text),
        messages::as_entry(&template, &text, 1),
    );
    let _ = Catalogue::with_user(&text, "messages.toml");
}

/// Six bytes a record: how far its time and its tick count are from those before, and what it states.
pub fn clock(data: &[u8]) {
    let (words, _) = data.as_chunks::<6>();
    let mut observer = Observer::default();
    let mut told: Vec<(u32, Stamp, Option<u64>)> = Vec::new();
    let (mut ms, mut tick) = (1_700_000_000_000_i64, 1_000_i64);
    for (line, word) in (1..).zip(words.iter().take(2_000)) {
        let [a, b, c, d, flags, step] = *word;
        let scale = [1, 1_000, 60_000, 86_400_000][usize::from(step & 3)];
        ms += i64::from(i16::from_le_bytes([a, b])) * scale;
        tick += i64::from(i16::from_le_bytes([c, d])) * scale / 2;
        ms = ms.clamp(0, 4_102_444_000_000);
        tick = tick.clamp(0, 1 << 50);
        let Some(local) = chrono::DateTime::from_timestamp_millis(ms) else {
            continue;
        };
        let stamp = Stamp {
            local: local.naive_utc().into(),
            offset: (flags & 1 != 0).then_some(i16::from(flags >> 4) * 60 - 480),
            lasts: if flags & 2 != 0 { 1 } else { 1_000 },
            has_year: flags & 4 != 0,
        };
        let tick = (flags & 8 != 0).then_some(tick.cast_unsigned());
        observer.observe(line, Some(&stamp), tick);
        told.push((line, stamp, tick));
    }
    let trace = observer.finish();
    let clock = settle(&[trace], &YearHints::default(), &ZoneHints::default());
    for (line, stamp, tick) in &told {
        let at = clock.moment(0, *line, stamp, *tick);
        assert!(at.start < at.end, "{line}: {at:?}");
        let _ = (at.shown(), at.shown_end(), at.utc());
        let _ = clock.place(stamp);
    }
    for gap in clock.gaps(0) {
        assert!(gap.from.start < gap.to.end, "{gap:?}");
    }
    let _ = (clock.span(0), clock.zone_used(None), clock.steps().len());
}

pub fn stamp(data: &[u8]) {
    let text = encoding::text(data);
    let orders = [DateOrder::Mdy, DateOrder::Dmy, DateOrder::Ymd];
    for order in orders.map(Some).into_iter().chain([None]) {
        if let Some(stamp) = stamps::parse(&text, order) {
            assert!(stamp.lasts > 0);
        }
    }
    let _ = (stamps::proves(&text), stamps::proofs(&text));
    let _ = stamps::in_name(&text);
    let _ = stamps::settle(text.lines(), None);
}

/// An archive on disk. Whatever it claims, no more comes out of it than the limits allow.
pub fn archive(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder for what is tried");
    let place = folder.path().join("a.zip");
    std::fs::write(&place, data).expect("room for what is tried");
    let limits = Limits {
        max_depth: 2,
        max_entries: 200,
        max_size: 1 << 20,
        max_ratio: 50,
    };
    let (mut members, mut bytes) = (0, 0_u64);
    evidence::visit(&[place], &limits, &Silent, &mut |member, stream| {
        members += 1;
        assert!(!member.path.is_empty());
        bytes += std::io::copy(stream, &mut std::io::sink()).expect("streams end, they never fail");
    });
    let most = limits.max_size + data.len() as u64;
    assert!(
        members <= limits.max_entries + 1 && bytes <= most,
        "{members}, {bytes}"
    );
    let left = std::fs::read_dir(folder.path()).expect("the folder is there");
    assert_eq!(left.count(), 1, "nothing is ever unpacked");
}

/// What parts the files of a bundle in the input of [`pipeline`].
pub const BORDER: &[u8] = b"\n=====\n";

/// A whole bundle, up to what is printed of it.
pub fn pipeline(data: &[u8]) {
    let mut rest = data;
    let mut members: Vec<(String, &[u8])> = Vec::new();
    while members.len() < 5 {
        let end = memchr::memmem::find(rest, BORDER);
        members.push((
            format!(
                "bundle/2026-11-0{}T02-40-00/{}",
                members.len() + 1,
                members.len()
            ),
            &rest[..end.unwrap_or(rest.len())],
        ));
        match end {
            Some(end) => rest = &rest[end + BORDER.len()..],
            None => break,
        }
    }
    let options = Options::default();
    let (case, story) = gather::case(ingest::read_memory(&members, &options), None);
    let events = story.events();
    assert!(events.is_sorted_by_key(|event| event.at.start) || events.len() > 1);
    let verdicts = render::json::verdicts(&case);
    let read: Result<serde_json::Value, _> = serde_json::from_str(&verdicts);
    assert!(read.is_ok(), "{verdicts}");
    let mut lines = Vec::new();
    let cite = |source, out: &mut String| case.cite_to(source, out);
    story
        .save(&cite, timeline::Format::Jsonl, &mut lines)
        .expect("memory takes everything");
    let page = render::html::page(&case);
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
    let _ = render::markdown::summary(&case);
}
