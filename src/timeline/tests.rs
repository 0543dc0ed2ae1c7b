//! Laws of merging, and what the saved tables hold.

use super::*;
use crate::model::{Fact, FileId, Moment, Record, Said, SourceRef, State, Wording, Writer};
use polars::prelude::{AnyValue, DataType, TimeUnit};
use polars_io::SerReader;
use polars_io::prelude::ParquetReader;
use proptest::prelude::*;
use std::io::Cursor;
use std::sync::Arc;

/// A record of `file` with second precision, whose tick leaves the stretch `from..to`.
fn record(file: u32, line: u32, from: i64, to: i64, message: &str) -> Event {
    Event {
        at: Moment {
            start: from,
            end: to,
            offset: Some(60),
            shift: 0,
            fraction: false,
        },
        server: Some("PS01".into()),
        sources: [SourceRef {
            file: FileId(file),
            line,
        }]
        .into(),
        record: Some(Record {
            severity: Some(4),
            writer: Arc::new(Writer {
                component: "Package Delivery".into(),
                process: "AeXNSAgent.exe (2684)".into(),
            }),
            thread: Some(12),
            tick: Some(77),
            tag: None,
        }),
        said: Said {
            package: Some(PackageId(7)),
            fact: Fact::StateSeen {
                state: State::Ready,
            },
            message: message.into(),
            pattern: Some("state".into()),
            wording: Wording::Assumed,
            ..Said::default()
        }
        .into(),
    }
}

fn capture(file: u32, at: i64) -> Event {
    {
        let mut event = Event {
            at: Moment::exact(at, Some(60)),
            record: None,
            ..record(file, 1, 0, 1, "")
        };
        event.fact = Fact::SnapshotCaptured { version: Some(3) };
        event.message = "".into();
        event
    }
}

/// A small generator: tests must not depend on chance.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % sides
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            all.swap(at, usize::try_from(self.roll(at as u64 + 1)).unwrap());
        }
    }
}

/// Three files of records in disorder, with equal lines and overlapping moments.
fn story() -> Vec<Event> {
    let mut dice = Dice(5);
    let mut events = Vec::new();
    for file in 0..3 {
        let mut clock = 0;
        for line in 1..=60 {
            clock += i64::try_from(dice.roll(900)).unwrap() - 150;
            let second = clock.div_euclid(1_000) * 1_000;
            let words = format!("message {}", dice.roll(4));
            events.push(record(file, line, clock, second + 1_000, &words));
        }
    }
    events.push(capture(3, 5_000));
    events.push(capture(3, 5_000));
    events
}

fn told(timeline: &Timeline) -> Vec<String> {
    let line = |event: &Event| format!("{event:?}");
    timeline.events().iter().map(line).collect()
}

#[test]
fn the_order_of_input_does_not_matter() {
    let expected = told(&merge(story()));
    let mut dice = Dice(1);
    for _ in 0..50 {
        let mut events = story();
        dice.shuffle(&mut events);
        assert_eq!(told(&merge(events)), expected);
    }
}

#[test]
fn handing_everything_in_twice_changes_only_the_sources() {
    let strip = |mut events: Vec<Event>| {
        for event in &mut events {
            event.sources.clear();
        }
        format!("{events:?}")
    };
    let once = merge(story()).events;
    let mut events = story();
    for mut event in story() {
        event.sources[0].file.0 += 10;
        events.push(event);
    }
    let twice = merge(events).events;
    assert_eq!(once.len(), twice.len());
    assert!(twice.iter().all(|event| event.sources.len() >= 2));
    assert_eq!(strip(once), strip(twice));
}

#[test]
fn names_of_files_do_not_decide() {
    let number = |event: &mut Event, file: u32| event.sources[0].file.0 = file;
    let order = |events: Vec<Event>| -> Vec<(Moment, std::sync::Arc<str>)> {
        let events = merge(events).events;
        events
            .into_iter()
            .map(|event| (event.at, event.message.clone()))
            .collect()
    };
    let expected = order(story());
    for names in [[2, 1, 0, 3], [3, 0, 2, 1]] {
        let mut events = story();
        for event in &mut events {
            let file = event.sources[0].file.0;
            number(event, names[file as usize]);
        }
        assert_eq!(order(events), expected);
    }
}

#[test]
fn equal_lines_of_one_file_stay_two_and_pair_with_those_of_a_copy() {
    let lines = |file: u32| {
        [1, 2].map(|line| record(file, line, 0, 1_000, "Package is NOT currently ready"))
    };
    assert_eq!(merge(lines(0).to_vec()).events().len(), 2);
    let both = merge([lines(0), lines(1)].concat());
    let sources: Vec<Vec<u32>> = both
        .events()
        .iter()
        .map(|event| event.sources.iter().map(|one| one.line).collect())
        .collect();
    assert_eq!(sources, [[1, 1], [2, 2]]);
}

#[test]
fn captures_of_different_files_with_one_content_are_one() {
    assert_eq!(merge(vec![capture(0, 5), capture(1, 5)]).events().len(), 1);
    assert_eq!(merge(vec![capture(0, 5), capture(0, 5)]).events().len(), 2);
    assert_eq!(merge(vec![capture(0, 5), capture(1, 6)]).events().len(), 2);
}

#[test]
fn the_file_orders_records_that_time_does_not() {
    let lines = |events: Vec<Event>| -> Vec<u32> {
        let events = merge(events).events;
        events.iter().map(|event| event.sources[0].line).collect()
    };
    // Overlapping: the file's order. Apart: time, though the file says otherwise.
    let overlap = vec![
        record(0, 1, 500, 1_000, "z"),
        record(0, 2, 400, 1_000, "a"),
        record(0, 3, 0, 300, "m"),
    ];
    assert_eq!(lines(overlap), [3, 1, 2]);
    // A copy that begins in the middle of a second knows less, but contradicts nothing.
    let mut second = vec![
        record(1, 80, 0, 1_000, "z"),
        record(1, 81, 0, 1_000, "y"),
        record(1, 82, 0, 1_000, "x"),
    ];
    second.push(record(0, 1, 0, 1_000, "x"));
    let events = merge(second).events;
    let words: Vec<&str> = events.iter().map(|event| &*event.message).collect();
    assert_eq!(words, ["z", "y", "x"]);
}

#[test]
fn a_copy_without_fractions_is_the_same_record_if_ticks_agree() {
    let mut raw = record(0, 1, 5_250, 5_251, "x");
    raw.at.fraction = true;
    let copy = record(1, 9, 5_000, 6_000, "x");
    let timeline = merge(vec![copy.clone(), raw.clone()]);
    assert_eq!(timeline.events().len(), 1);
    assert_eq!(timeline.events()[0].at, raw.at);
    let without = |mut event: Event| {
        if let Some(record) = event.record.as_mut() {
            record.tick = None;
        }
        event
    };
    assert_eq!(merge(vec![without(copy), without(raw)]).events().len(), 2);
}

#[test]
fn a_copy_without_ticks_is_the_same_record_if_second_and_text_agree() {
    // The old log viewer shows no tick count.
    let ticks = |mut event: Event, tick: Option<u64>, thread: Option<u32>| {
        let record = event.record.as_mut().unwrap();
        (record.tick, record.thread) = (tick, thread);
        event
    };
    let raw = ticks(record(0, 1, 5_250, 5_251, "x"), Some(77), Some(12));
    let told = |copy: Event| merge(vec![copy, raw.clone()]).events().len();
    assert_eq!(told(ticks(record(1, 9, 5_000, 6_000, "x"), None, None)), 1);
    assert_eq!(
        told(ticks(record(1, 9, 5_000, 6_000, "x"), None, Some(13))),
        2
    );
    assert_eq!(told(ticks(record(1, 9, 6_000, 7_000, "x"), None, None)), 2);
    assert_eq!(told(ticks(record(0, 9, 5_000, 6_000, "x"), None, None)), 2);
    // Two records of one second pair with the two of the copy.
    let twice: Vec<Event> = [(0, Some(77)), (1, None)]
        .into_iter()
        .flat_map(|(file, tick)| {
            [1, 2].map(|line| ticks(record(file, line, 5_000, 6_000, "x"), tick, Some(12)))
        })
        .collect();
    assert_eq!(merge(twice).events().len(), 2);
}

#[test]
fn a_file_may_tell_its_records_newest_first() {
    let told = |newest_first: &[FileId]| -> Vec<String> {
        let events = ["c", "b", "a"]
            .iter()
            .zip(1..)
            .map(|(message, line)| record(0, line, 5_000, 6_000, message))
            .collect();
        let turned = newest_first.iter().copied().collect();
        let timeline = merge_turned(events, &turned);
        let messages = timeline
            .events()
            .iter()
            .map(|event| event.message.to_string());
        messages.collect()
    };
    assert_eq!(told(&[FileId(0)]), ["a", "b", "c"]);
    assert_eq!(told(&[]), ["c", "b", "a"]);
}

#[test]
fn what_time_orders_stays_in_order() {
    let events = merge(story()).events;
    for (at, one) in events.iter().enumerate() {
        assert!(events[..at].iter().all(|before| !one.at.before(&before.at)));
    }
}

#[test]
fn packages_and_stretches_are_found() {
    let mut other = capture(0, 9_000);
    other.package = Some(PackageId(3));
    other.server = None;
    let timeline = merge(vec![record(0, 1, 0, 1_000, "a"), other]);
    let server: Server = "PS01".into();
    assert_eq!(
        timeline.packages(),
        [(PackageId(3), None), (PackageId(7), Some(server.clone()))]
    );
    assert_eq!(timeline.of(Some(&server), PackageId(7)).count(), 1);
    assert_eq!(timeline.of(None, PackageId(7)).count(), 0);
    assert_eq!(timeline.between(1_000, 9_001).count(), 1);
    assert_eq!(timeline.between(999, 9_000).count(), 1);
}

fn saved(timeline: &Timeline, format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    let path = |source: SourceRef, out: &mut String| {
        out.push_str(&format!("bundle/{}.log:{}", source.file.0, source.line));
    };
    timeline.save(&path, format, &mut bytes).unwrap();
    bytes
}

#[test]
fn the_same_events_give_the_same_bytes() {
    for format in [Format::Parquet, Format::Csv, Format::Jsonl] {
        let first = saved(&merge(story()), format);
        assert_eq!(first, saved(&merge(story()), format));
        assert!(!saved(&Timeline::default(), format).is_empty() || format == Format::Jsonl);
    }
}

const COLUMNS: &str = "time,time_end,utc,server,package,kind,state,version,path,code,severity,\
                       component,process,thread,tick,message,sources,pattern,wording";

#[test]
fn parquet_is_read_back() {
    let mut unknown = record(0, 9, 90_000, 91_000, "later");
    unknown.at.offset = None;
    unknown.fact = Fact::DownloadFailed {
        code: Some(0x8007_0005),
        busy: false,
        older: false,
    };
    let timeline = merge(vec![record(0, 1, 0, 1_000, "=a"), unknown]);
    let frame = ParquetReader::new(Cursor::new(saved(&timeline, Format::Parquet)))
        .finish()
        .unwrap();
    assert_eq!(frame.height(), 2);
    let names: Vec<&str> = frame
        .get_column_names()
        .iter()
        .map(|name| name.as_str())
        .collect();
    assert_eq!(names.join(","), COLUMNS);
    let cell = |name: &str, row: usize| frame.column(name).unwrap().get(row).unwrap().into_static();
    let utc = frame.column("utc").unwrap();
    assert_eq!(
        *utc.dtype(),
        DataType::Datetime(TimeUnit::Milliseconds, None)
    );
    assert_eq!(
        utc.cast(&DataType::Int64).unwrap().get(0).unwrap(),
        AnyValue::Int64(0)
    );
    assert_eq!(cell("utc", 1), AnyValue::Null);
    assert_eq!(cell("time", 0).get_str(), Some("1970-01-01T01:00:00+01:00"));
    assert_eq!(cell("message", 0).get_str(), Some("=a"));
    assert_eq!(cell("code", 1).get_str(), Some("0x80070005"));
    assert_eq!(cell("tick", 1), AnyValue::Int64(77));
}

#[test]
fn no_cell_of_the_csv_is_a_formula() {
    let payloads = [
        "=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\"=1", "a\n=b", "a,\"b\"", "é;=1",
    ];
    let events = (1..).zip(payloads).map(|(line, words)| Event {
        server: Some(words.into()),
        ..record(0, line, 0, 1_000, words)
    });
    let text = String::from_utf8(saved(&merge(events.collect()), Format::Csv)).unwrap();
    assert!(text.starts_with(&format!("{COLUMNS}\n1970-01-01T01:00:00+01:00,")));
    // RFC 4180, read by hand: cells in quotes may hold anything but a single quote.
    let (mut rows, mut cells, mut cell, mut quoted) =
        (Vec::new(), Vec::new(), String::new(), false);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => cell.extend(signs.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                cells.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut cells));
            }
            other => cell.push(other),
        }
    }
    assert_eq!(rows.len(), payloads.len() + 1);
    assert!(rows.iter().all(|row| row.len() == 19));
    let cells = || rows.iter().flatten();
    assert!(!cells().any(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r'])));
    for words in payloads {
        let shown = |cell: &String| cell == words || cell.strip_prefix('\'') == Some(words);
        assert_eq!(cells().filter(|cell| shown(cell)).count(), 2, "{words}");
    }
}

#[test]
fn json_lines_have_the_columns_in_order() {
    let text = String::from_utf8(saved(
        &merge(vec![record(0, 1, 0, 1_000, "a")]),
        Format::Jsonl,
    ));
    assert_eq!(
        text.unwrap(),
        concat!(
            r#"{"time":"1970-01-01T01:00:00+01:00","time_end":"1970-01-01T01:00:00+01:00","#,
            r#""utc":"1970-01-01T00:00:00Z","server":"PS01","#,
            r#""package":"00000000-0000-0000-0000-000000000007","kind":"state-seen","#,
            r#""state":"Ready","version":null,"path":null,"code":null,"severity":4,"#,
            r#""component":"Package Delivery","process":"AeXNSAgent.exe (2684)","thread":12,"#,
            r#""tick":77,"message":"a","sources":["bundle/0.log:1"],"pattern":"state","#,
            r#""wording":"assumed"}"#,
            "\n"
        )
    );
}

#[test]
fn a_table_of_several_parts_has_each_row_once_and_in_order() {
    // Three parts and a bit.
    let count = 3 * 16_384 + 5;
    let events = (0..count).map(|at| {
        let mut event = Event {
            record: None,
            ..record(0, at, i64::from(at) * 1_000, i64::from(at) * 1_000 + 1, "")
        };
        event.pattern = None;
        event
    });
    let timeline = Timeline::new(events.collect());
    let csv = String::from_utf8(saved(&timeline, Format::Csv)).unwrap();
    let mut rows = csv.lines().skip(1);
    for at in 0..count {
        let row = rows.next().unwrap();
        assert!(row.contains(&format!("bundle/0.log:{at},")), "{row}");
    }
    assert_eq!(rows.next(), None);
    let parquet = saved(&timeline, Format::Parquet);
    let table = ParquetReader::new(Cursor::new(parquet)).finish().unwrap();
    assert_eq!(table.height(), count as usize);
    let mut along = Vec::new();
    let path = |source: SourceRef, out: &mut String| {
        out.push_str(&format!("bundle/{}.log:{}", source.file.0, source.line));
    };
    let made_along = timeline.save_both(&path, &mut along).unwrap();
    assert!(made_along == saved(&timeline, Format::Parquet) && along == csv.as_bytes());
    let sources = table.column("sources").unwrap();
    for at in [0, 16_383, 16_384, 32_768, 49_152, count - 1] {
        let text = format!("bundle/0.log:{at}");
        let cell = sources.get(at as usize).unwrap();
        assert_eq!(cell.get_str(), Some(text.as_str()));
    }
}

/// The columns of Parquet are built from the events, the lines of JSON from rows: both tell the same.
#[test]
fn every_form_of_the_table_tells_the_same() {
    let code = Some(0x8007_0005);
    let failed = |path: &str| Fact::FileFailed {
        path: path.into(),
        code,
        http: None,
    };
    let mut events = story();
    events.push({
        let mut event = Event {
            server: None,
            ..record(4, 1, -5, 10, "=1+1; \"quoted\"\nsecond line")
        };
        event.package = None;
        event.fact = failed(r"bin\a.exe");
        event.pattern = None;
        event
    });
    events.push({
        let mut event = Event {
            at: Moment {
                offset: None,
                fraction: true,
                ..record(4, 2, 7_003, 7_004, "").at
            },
            record: Some(Record::default()),
            ..record(4, 2, 0, 1, "")
        };
        event.fact = Fact::SnapshotCaptured { version: Some(17) };
        event
    });
    events[0].sources.push(SourceRef {
        file: FileId(9),
        line: 4,
    });
    let timeline = merge(events);
    let table = ParquetReader::new(Cursor::new(saved(&timeline, Format::Parquet)))
        .finish()
        .unwrap();
    let lines = String::from_utf8(saved(&timeline, Format::Jsonl)).unwrap();
    let mut compared = 0;
    for (at, line) in lines.lines().enumerate() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(row.as_object().unwrap().len(), table.width());
        for (name, value) in row.as_object().unwrap() {
            let cell = table.column(name).unwrap().get(at).unwrap();
            match value {
                // A date and time here, text there.
                _ if name == "utc" => assert_eq!(value.is_null(), cell == AnyValue::Null),
                serde_json::Value::Null => assert_eq!(cell, AnyValue::Null, "{name}"),
                serde_json::Value::Number(number) => {
                    assert_eq!(cell.try_extract::<i64>().ok(), number.as_i64(), "{name}");
                }
                serde_json::Value::Array(all) => {
                    let all: Vec<&str> = all.iter().filter_map(|one| one.as_str()).collect();
                    assert_eq!(cell.get_str().unwrap(), all.join("; "), "{name}");
                }
                text => assert_eq!(cell.get_str(), text.as_str(), "{name}"),
            }
            compared += 1;
        }
    }
    assert_eq!(compared, timeline.events().len() * table.width());
}

#[test]
fn a_part_that_panics_is_the_last_one_that_is_waited_for() {
    let (rows, count) = (16_384, 8);
    let events: Vec<Event> = (0..rows * count)
        .map(|line| record(0, line, 0, 1_000, "a"))
        .collect();
    let number = |part: &[Event]| part[0].sources[0].line / rows;
    let mut taken = Vec::new();
    let all = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        super::table::in_parts(
            &events,
            |part, hand_over| match number(part) {
                2 => panic!("a part"),
                other => hand_over(other),
            },
            |part| {
                taken.push(part);
                Ok(())
            },
        )
    }));
    assert!(all.is_err());
    assert_eq!(taken, [0, 1]);
}

/// Versions that many events share, that hardly two share, and that some or all lack: each form that
/// the column takes is read back as it was told.
#[test]
fn versions_are_read_back_however_many_differ() {
    for differ in [1, 3, 600] {
        for told in [0, 1, 2] {
            let version = |at: i64| (at % 2 < told).then_some(1_700_000_000 + at % differ);
            let events = (0..600_i64).map(|at| {
                let mut event = record(0, u32::try_from(at).unwrap(), at, at + 1, "");
                event.fact = version(at).map_or(Fact::Other, |version| Fact::SnapshotReceived {
                    version: Some(version),
                });
                event
            });
            let timeline = Timeline::new(events.collect());
            let parquet = saved(&timeline, Format::Parquet);
            let table = ParquetReader::new(Cursor::new(parquet)).finish().unwrap();
            let column = table.column("version").unwrap().i64().unwrap();
            let expected: Vec<Option<i64>> = (0..600).map(version).collect();
            assert_eq!(column.iter().collect::<Vec<_>>(), expected);
            let csv = String::from_utf8(saved(&timeline, Format::Csv)).unwrap();
            let mut lines = csv.lines();
            let heading = lines.next().unwrap();
            let place = heading.split(',').position(|name| name == "version");
            let cells = lines.map(|line| line.split(',').nth(place.unwrap()).unwrap().parse().ok());
            assert_eq!(cells.collect::<Vec<_>>(), expected);
        }
    }
}

/// Each word is a record of one second; the words of a text are those of a file. Gives the words of
/// the timeline with the files that tell them.
fn told_by(files: &[&str], newest_first: &[u32]) -> Vec<String> {
    let said = |(file, words): (u32, &&str)| -> Vec<Event> {
        let lines = (1..).zip(words.split(' '));
        let all = lines.map(|(line, word)| record(file, line, 0, 1_000, word));
        all.collect()
    };
    let all = (0..).zip(files).flat_map(said).collect();
    let newest_first = newest_first.iter().copied().map(FileId).collect();
    let timeline = merge_turned(all, &newest_first);
    let shown = |event: &Event| {
        let files = event.sources.iter().map(|one| one.file.0.to_string());
        format!("{}{}", event.message, files.collect::<String>())
    };
    timeline.events().iter().map(shown).collect()
}

#[test]
fn a_copy_tells_by_what_stands_around_which_of_equal_lines_it_has() {
    let told = |files: &[&str]| told_by(files, &[]);
    assert_eq!(told(&["a b a", "b a"]), ["a0", "b01", "a01"]);
    assert_eq!(told(&["b a", "a b a"]), ["a1", "b01", "a01"]);
    assert_eq!(told(&["a b a", "a b"]), ["a01", "b01", "a0"]);
    // Without anything around it, the first one, whatever the files are called.
    assert_eq!(told(&["a b a", "a"]), ["a01", "b0", "a0"]);
    assert_eq!(told(&["a", "a b a"]), ["a01", "b1", "a1"]);
    // A copy of a copy, and a copy in two logs that tell different stories.
    assert_eq!(told(&["b a", "a b a", "a"]).concat(), "a12b01a01");
    assert_eq!(told(&["c a d a", "a c a d", "a"]).len(), 4);
}

#[test]
fn a_selection_or_a_copy_with_a_gap_adds_no_events() {
    for (files, newest_first) in [
        (&["a a x b c d", "a b c d"][..], &[][..]),
        (&["p q g z z r s t u", "p q z z r s t u"], &[]),
        (&["p q z z r s t u", "p q g z z r s t u"], &[]),
        // Two collections of the same parts, put together in another order.
        (&["z a z b c d e", "b c d e z a z"], &[]),
        // The viewer shows the newest first.
        (&["z z u v", "v u z z"], &[1]),
        // Two copies that contradict each other about the log.
        (&["z z a b", "z a b", "z z b"], &[]),
    ] {
        let most = files.iter().map(|words| words.split(' ').count()).max();
        let told = told_by(files, newest_first);
        assert_eq!(Some(told.len()), most, "{files:?}: {told:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// A log, and copies of stretches of it as rotation and collection leave them: the copies add
    /// sources and no events, in whatever order all of it is handed in, and once more merging
    /// changes nothing. What stands twice in the log itself stays two.
    #[test]
    fn copies_of_a_log_add_no_events(
        steps in prop::collection::vec((0..2_500_i64, 0..3_u8), 1..60),
        copies in prop::collection::vec((0..60_usize, 1..60_usize), 0..4),
        seed in 0..1_000_u64,
    ) {
        let mut clock = 0;
        let log: Vec<Event> = (1..)
            .zip(&steps)
            .map(|(line, (step, word))| {
                clock += step;
                let second = clock.div_euclid(1_000) * 1_000;
                record(0, line, second, second + 1_000, &format!("message {word}"))
            })
            .collect();
        let alone = merge(log.clone());
        let mut all = log.clone();
        let mut expected = vec![1; log.len()];
        for (file, (from, count)) in (1..).zip(&copies) {
            let part = log.iter().enumerate().skip(*from).take(*count);
            for (line, (place, event)) in (1..).zip(part) {
                expected[place] += 1;
                let sources = vec![SourceRef { file: FileId(file), line }];
                all.push(Event { sources: sources.into(), ..event.clone() });
            }
        }
        Dice(seed).shuffle(&mut all);
        let merged = merge(all);
        prop_assert_eq!(merged.events().len(), log.len());
        let said = |timeline: &Timeline| -> Vec<(Moment, std::sync::Arc<str>)> {
            timeline.events().iter().map(|one| (one.at, one.message.clone())).collect()
        };
        prop_assert_eq!(said(&merged), said(&alone));
        let sources: usize = merged.events().iter().map(|one| one.sources.len()).sum();
        prop_assert_eq!(sources, expected.iter().sum::<usize>());
        prop_assert_eq!(told(&merge(merged.events().to_vec())), told(&merged));
    }

    /// A selection of a log's records, newest first or not, adds no events either.
    #[test]
    fn selections_of_a_log_add_no_events(
        words in prop::collection::vec((0..3_u8, 0..2_500_i64, any::<bool>(), any::<bool>()), 1..40),
        is_turned in any::<bool>(),
    ) {
        let mut clock = 0;
        let mut log = Vec::new();
        let mut selections = [Vec::new(), Vec::new()];
        for (line, (word, step, first, second)) in (1..).zip(&words) {
            clock += step;
            let at = clock.div_euclid(1_000) * 1_000;
            let event = record(0, line, at, at + 1_000, &format!("message {word}"));
            for (selection, is_in) in selections.iter_mut().zip([first, second]) {
                if *is_in {
                    selection.push(event.clone());
                }
            }
            log.push(event);
        }
        let mut all = log.clone();
        for (file, selection) in (1..).zip(selections) {
            let count = selection.len() as u32;
            for (place, event) in (0..).zip(selection) {
                let line = if is_turned { count - place } else { place + 1 };
                let sources = [SourceRef { file: FileId(file), line }].into();
                all.push(Event { sources, ..event });
            }
        }
        let newest_first = if is_turned { vec![FileId(1), FileId(2)] } else { vec![] };
        let merged = merge_turned(all, &newest_first.into_iter().collect());
        prop_assert_eq!(merged.events().len(), log.len());
    }
}
