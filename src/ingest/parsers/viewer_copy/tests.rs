//! Real copies of both viewers, locales, orders, prose, and every cut.

use super::*;
use crate::ingest::messages::Catalogue;
use crate::model::Fact;

const MARKED: &str = "Marking package id: {1EC214B8-E862-44A9-B3A6-27D918D136A2} as deleted.
-----------------------------------------------------------------------------------------------------
Date: 21/09/2021 01:23:58 p.m., Tick Count: 1918530156 (22.04:55:30.1560000), Size: 317 B
Process: AeXNSAgent.exe (2684), Thread ID: 2288, Module: AeXNSCPackageServer.dll
Priority: 4, Source: Package Server Agent
";
const NETWORK: &str = r"Operation 'Get File' failed.
Protocol: smb
Host: \\Example-54
Port: 0
Path: \\Example-54\Patch$\2c53d881-ad2d-4741-ab2c-f503c6bb4cf7\outlook2013-kb4484281-fullfile-x86-glb.exe
Http status: 0
Secure: No
Id: {00000000-0000-0000-0000-000000000000}
Error type: Network error
Error result: 0x80070005
Error code: 0
Error note: UncTransfer::OpenSourceFile error. Failed to open source file
Error message: Access is denied
-----------------------------------------------------------------------------------------------------
Date: 7/2/2020 11:28:08 AM, Tick Count: 59235656 (16:27:15.6560000), Size: 683 B
Process: AeXNSAgent.exe (2236), Thread ID: 7320, Module: AeXNetComms.dll
Priority: 1, Source: NetworkOperation
";
const OLD: &str = "Process: AeXNSAgent.exe (8960)
Thread: 10252
Module: AeXNSAgent.exe
Source: Agent
Description:
Loading client object: Altiris.AeXNSCPkgSvr
******************
Process: AeXNSAgent.exe (8960)
Thread: 10252
Module: AeXNSCPackageServer.dll
Source: Package Server Agent
Description:
CAeXNSCPkgSvr::FinalConstruct failed. Failed to create Package Server registry keys. Access is denied..
";

fn read(text: &str, order: Option<DateOrder>) -> (LogFacts, Trace, Vec<Defect>) {
    let mut defects = Vec::new();
    let how = How {
        catalogue: &Catalogue::new(),
        order,
        threads: 1,
        tags: false,
    };
    let (facts, trace) = parse(text, &how, &mut defects);
    (facts, trace, defects)
}

fn record(date: &str, tick: u64, text: &str) -> String {
    let hyphens = "-".repeat(101);
    format!(
        "{text}\r\n\r\n{hyphens}\r\nDate: {date}, Tick Count: {tick} (0.00:00:00), Size: {} B\r\nProcess: AeXNSAgent.exe (7), Thread ID: 8, Module: a.dll\r\nPriority: 4, Source: Package Delivery\r\n\r\n",
        text.len() + 170
    )
}

fn marked(package: u8) -> String {
    format!("Marking package id: {{{package:08}-E862-44A9-B3A6-27D918D136A2}} as deleted.")
}

fn times(facts: &LogFacts) -> Vec<String> {
    let stamps = facts.kept.iter().filter_map(|record| record.stamp());
    stamps.map(|stamp| stamp.local.to_string()).collect()
}

#[test]
fn real_records_of_the_new_viewer() {
    assert!(recognise(MARKED) && recognise(NETWORK));
    let (facts, trace, defects) = read(&format!("{MARKED}\n{NETWORK}"), None);
    assert_eq!(defects, []);
    assert_eq!((facts.records, facts.kept.len(), trace.records), (2, 2, 2));
    let marked = &facts.kept[0];
    assert_eq!(
        (marked.line(), &marked.said.fact),
        (1, &Fact::MarkedDeleted)
    );
    assert_eq!(times(&facts)[0], "2021-09-21 13:23:58");
    assert_eq!(
        &*marked.record.as_ref().unwrap().writer.process,
        "AeXNSAgent.exe (2684)"
    );
    assert_eq!(
        &*marked.record.as_ref().unwrap().writer.component,
        "Package Server Agent"
    );
    assert_eq!(
        (
            marked.record.as_ref().unwrap().thread,
            marked.record.as_ref().unwrap().tick,
            marked.record.as_ref().unwrap().severity
        ),
        (Some(2288), Some(1_918_530_156), Some(4))
    );
    let network = &facts.kept[1];
    assert_eq!(network.line(), 7);
    assert!(
        network
            .said
            .message
            .starts_with("Operation 'Get File' failed.\n")
    );
    assert!(network.said.message.ends_with("Access is denied"));
    assert!(network.said.package.is_some());
}

#[test]
fn real_records_of_the_old_viewer() {
    assert!(recognise(OLD));
    let dated = OLD.replace(
        "Source: Package Server Agent",
        "Date: 2/13/2013 8:21:43 AM\nHost Name: PS01\nPriority: Error (1)\nSource: Package Server Agent",
    );
    let dated = dated.replace("Priority: Error (1)", "Priority: Error");
    let (facts, ..) = read(&dated, None);
    assert_eq!((facts.records, facts.kept.len()), (2, 2));
    assert_eq!(facts.kept[0].stamp(), None);
    let kept = &facts.kept[1];
    assert_eq!(kept.line(), 8);
    assert_eq!(kept.server.as_deref(), Some("PS01"));
    assert_eq!(kept.record.as_ref().unwrap().severity, Some(1));
    assert_eq!(kept.record.as_ref().unwrap().thread, Some(10252));
    assert_eq!(times(&facts), ["2013-02-13 08:21:43"]);
    assert!(
        kept.said
            .message
            .starts_with("CAeXNSCPkgSvr::FinalConstruct failed")
    );
    let inline = "Process: a.exe (1)\nSource: Agent\nDescription: Marking package id: {1EC214B8-E862-44A9-B3A6-27D918D136A2} as deleted.\n\nRegards\n";
    let (facts, ..) = read(inline, None);
    assert_eq!(facts.kept[0].said.fact, Fact::MarkedDeleted);
}

#[test]
fn prose_and_quotes_around_records_are_left_out() {
    let quoted: String = MARKED.lines().map(|line| format!("> {line}\n")).collect();
    for text in [
        format!("Hello,\nwe see this all night.\n\n{MARKED}\nIs that normal?\nDate: tomorrow\n"),
        format!("Entry 1:\n{MARKED}\nEntry 2:\n"),
        format!("She wrote:\n\n{quoted}\nRegards"),
    ] {
        assert!(recognise(&text), "{text}");
        let (facts, _, defects) = read(&text, None);
        assert_eq!((facts.records, defects.len()), (1, 0), "{text}");
        let message = &facts.kept[0].said.message;
        assert!(
            message.starts_with("Marking package id") && message.ends_with("deleted."),
            "{message}"
        );
    }
}

#[test]
fn a_message_may_hold_blank_lines_if_its_size_says_so() {
    let long = format!("{}\n\n{}", "a".repeat(500), marked(1));
    let (facts, ..) = read(&record("21/09/2021 13:23:58", 1, &long), None);
    assert_eq!(&*facts.kept[0].said.message, long);
    let prose = format!(
        "{}\n\n{}",
        "a".repeat(500),
        record("21/09/2021 13:23:58", 1, &marked(1))
    );
    assert_eq!(&*read(&prose, None).0.kept[0].said.message, marked(1));
}

#[test]
fn day_and_month_are_settled_by_the_file() {
    let two = |first: &str, tick: u64, second: &str, next: u64| {
        record(first, tick, &marked(1)) + &record(second, next, &marked(2))
    };
    // A value over 12 decides, whatever the option says.
    let text = two("09/08/2021 1:00:00 AM", 1, "13/08/2021 1:00:00 AM", 2);
    let (facts, _, defects) = read(&text, Some(DateOrder::Mdy));
    assert_eq!(times(&facts)[0], "2021-08-09 01:00:00");
    assert_eq!(defects, []);
    // Else the ticks: a day from the first to the second.
    let text = two(
        "09/08/2021 01:00:00",
        1_000,
        "10/08/2021 01:00:00",
        86_401_000,
    );
    let (facts, _, defects) = read(&text, None);
    assert_eq!(times(&facts)[1], "2021-08-10 01:00:00");
    assert_eq!(defects, []);
    // Else the option, else it is told.
    let text = record("09/08/2021 01:00:00", 1_000, &marked(1));
    let (facts, _, defects) = read(&text, Some(DateOrder::Dmy));
    assert_eq!(
        (times(&facts)[0].as_str(), defects.len()),
        ("2021-08-09 01:00:00", 0)
    );
    let (facts, _, defects) = read(&text, None);
    assert_eq!(times(&facts)[0], "2021-09-08 01:00:00");
    assert!(defects[0].cost.contains("--date-order"));
    for (date, shown) in [
        ("16.08.2025 02:27:05", "2025-08-16 02:27:05"),
        ("2025-08-16 02:27:05", "2025-08-16 02:27:05"),
        ("16/8/2025, 2:27:05 PM", "2025-08-16 14:27:05"),
    ] {
        assert_eq!(times(&read(&record(date, 5, &marked(1)), None).0), [shown]);
    }
}

#[test]
fn newest_first_goes_to_the_clock_in_the_order_of_time() {
    let records: Vec<String> = (0..4_u8)
        .map(|second| {
            let tick = u64::from(second) * 1_000;
            record(
                &format!("21/09/2021 13:00:0{second}"),
                tick,
                &marked(second),
            )
        })
        .collect();
    let (on, trace, _) = read(&records.concat(), None);
    let back: String = records.iter().rev().map(String::as_str).collect();
    let (turned, turned_trace, _) = read(&back, None);
    assert!(!on.newest_first && turned.newest_first);
    assert_eq!(turned_trace.lanes[1].len(), 1);
    let segment = |trace: &Trace| (trace.lanes[1][0].first.stamp, trace.lanes[1][0].last.stamp);
    assert_eq!(segment(&trace), segment(&turned_trace));
    // Lines stay those of the file; ranks go the other way.
    let lines: Vec<u32> = turned.kept.iter().map(|record| record.line()).collect();
    assert_eq!(lines, [1, 8, 15, 22]);
    let ranks: Vec<u32> = lines.iter().map(|line| turned.rank(*line)).collect();
    assert_eq!(ranks, [4, 3, 2, 1]);
}

#[test]
fn raw_records_between_copies_are_read_too() {
    let raw = "<event date='Sep 21 13:24:00' severity='4' hostName='PS01' source='Package Delivery' process='a.exe' pid='7' thread='8' tickCount='9' >\r\n<![CDATA[Marking package id: {1EC214B8-E862-44A9-B3A6-27D918D136A2} as deleted.\nDate: 1, Tick Count: 5]]>\r\n</event>\r\n";
    let (facts, trace, defects) = read(&format!("Look:\n\n{MARKED}\nand\n{raw}\nbye"), None);
    assert_eq!((facts.records, facts.kept.len(), trace.records), (2, 2, 2));
    assert_eq!(facts.kept[1].server.as_deref(), Some("PS01"));
    assert_eq!(defects, []);
    // A raw log stays one, whatever its messages quote.
    assert!(!recognise(raw));
}

#[test]
fn other_text_is_no_copy() {
    for text in [
        "",
        "Date: 1/1/2020\nhello",
        "Description: none\n",
        "Process: a\nDescription: b\n",
        "--------------------\nDate\n",
    ] {
        assert!(!recognise(text), "{text}");
    }
}

#[test]
fn every_cut_and_any_bytes_give_no_panic() {
    let all = format!("Hi\n\n{MARKED}\n{NETWORK}\n{OLD}");
    let whole = read(&all, None).0.records;
    for cut in 0..all.len() {
        let (facts, ..) = read(&all[..cut], None);
        assert!(facts.records <= whole);
    }
    let mut seed = 7_u64;
    let alphabet: Vec<&str> = vec![
        "Date:",
        " ",
        "\n",
        "Tick Count:",
        "9",
        "/",
        "Process:",
        "Description:",
        "é",
        "\u{202F}",
        "--------------------",
        "<event date='",
        "</event>",
        "Size: 3",
        ",",
        ":",
        "Priority:",
        ">",
    ];
    for _ in 0..300 {
        let mut text = String::new();
        for _ in 0..60 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = usize::try_from(seed >> 33).unwrap_or(0) % alphabet.len();
            text += alphabet[at];
        }
        read(&text, None);
    }
}
