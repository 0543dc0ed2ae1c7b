//! Whole bundles in memory: what one file does for another.

use super::*;
use crate::model::Fact;

const ID: &str = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";

fn read(files: &[(&str, &str)]) -> Ingested {
    let options = Options::default();
    let members: Vec<(String, &[u8])> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes()))
        .collect();
    read_memory(&members, &options)
}

#[test]
fn a_policy_gives_versions_and_clean_up_times_and_no_secret() {
    let policy = format!(
        "<Policies><Policy name='p' password='Secret-1'><Connection user='CORP\\svc' password='Secret-2'>Secret-3</Connection>\n<SoftPkg Name='Contoso VPN' Id='{ID}' InternalVersion='1127796544' CleanupAfter='10080' Credential='Secret-4'/><SoftPkg Name='Reader' Id='{}' CleanupAfter='60' Password='Secret-5'/></Policy></Policies>",
        ID.replace("1EC2", "1EC3")
    );
    let all = read(&[
        ("b/20251103-0200/policy.xml", policy.as_str()),
        ("b/policy.xml", policy.as_str()),
        ("b/cut/policy.xml", &policy[..policy.len() - 30]),
    ]);
    assert_eq!(all.files[0].kind, "client-policy");
    let [event] = all.events.as_slice() else {
        panic!("{} events", all.events.len());
    };
    let required = Fact::VersionStated {
        required: Some(1_127_796_544),
        local: None,
    };
    assert_eq!(event.fact, required);
    assert_eq!(event.at.shown(), "2025-11-03T02:00:00");
    assert_eq!(event.sources[0].line, 2);
    // Equally common: the longer one, which accuses the product last.
    assert_eq!(all.settings.unused_for_ms, Some(10_080 * 60_000));
    assert_eq!(all.settings.unused_for.len(), 2);
    let told = format!(
        "{:?} {:?} {:?} {:?}",
        all.events, all.excerpts, all.problems, all.wordings
    );
    assert!(!told.contains("Secret") && !told.contains("svc"), "{told}");
    assert!(all.names.values().any(|name| name == "Contoso VPN"));
}

#[test]
fn a_copy_that_goes_back_in_time_and_a_history_keep_their_lines() {
    let hyphens = "-".repeat(101);
    let record = |second: u32, text: &str| {
        format!(
            "{text}\n{hyphens}\nDate: 21/09/2021 13:00:0{second}, Tick Count: {} (0.00:00:00), Size: 300 B\nProcess: a.exe (7), Thread ID: 8, Module: a.dll\nPriority: 4, Source: Package Delivery\n\n",
            5_000_000 + second * 1_000
        )
    };
    let state = |word: &str| format!("Package {ID} status is now '{word}'");
    let copy = record(3, &state("Ready"))
        + &record(2, &state("Downloading"))
        + &record(1, &state("Download Pending"));
    let history = "Time;Name;Status\n2021-09-21 13:00:03;Contoso VPN;Ready\n2021-09-21 13:00:03;Nobody;Ready\n";
    let status = format!("<Snapshot Id='{ID}' Name='Contoso VPN' version='1632218400'/>");
    let all = read(&[
        ("b/copy.txt", copy.as_str()),
        ("b/history.csv", history),
        ("b/20210921-1200/snapshot.xml", status.as_str()),
    ]);
    let kinds: Vec<&str> = all.files.iter().map(|file| file.kind).collect();
    assert_eq!(kinds, ["snapshot", "viewer-copy", "ps-history"]);
    assert_eq!(all.newest_first, BTreeSet::from([FileId(1)]));
    let mut states: Vec<(String, Vec<u32>)> = all
        .events
        .iter()
        .filter(|event| event.package.is_some() && event.record.is_some())
        .map(|event| {
            let lines = event.sources.iter().map(|source| source.line).collect();
            (event.at.shown(), lines)
        })
        .collect();
    states.sort();
    assert_eq!(
        states,
        [
            ("2021-09-21T13:00:01".to_owned(), vec![13]),
            ("2021-09-21T13:00:02".to_owned(), vec![7]),
            // Known by its name; the row confirms the record.
            ("2021-09-21T13:00:03".to_owned(), vec![1, 2]),
        ]
    );
    // A paste of three records proves no absence.
    assert!(all.coverage.is_empty());
    let nameless: Vec<&Problem> = all.problems.iter().filter(|one| one.lost).collect();
    assert_eq!(nameless.len(), 1);
    assert!(nameless[0].defect.starts_with("1 row whose package"));
}

#[test]
fn files_of_one_kind_settle_day_and_month_for_each_other() {
    let status = |time: &str| format!("<PackageStatus Id='{ID}' Status='Ready' Time='{time}'/>");
    let times = |second: &str| -> (Vec<String>, usize) {
        let (one, other) = (status("03/02/2025 04:05:06"), status(second));
        let all = read(&[
            ("b/20250401-0100/PackageStatus.xml", one.as_str()),
            ("b/20250402-0100/PackageStatus.xml", other.as_str()),
            ("b/20250403-0100/PackageStatus.xml", one.as_str()),
        ]);
        let times = all.statuses.iter().filter_map(|one| one.document.time);
        let times = times
            .map(|time| time.local.naive().date().to_string())
            .collect();
        (times, all.problems.len())
    };
    let european = ["2025-02-03", "2025-03-14", "2025-02-03"].map(str::to_owned);
    assert_eq!(times("14/03/2025 04:05:06"), (european.to_vec(), 0));
    let american = ["2025-03-02", "2025-03-14", "2025-03-02"].map(str::to_owned);
    assert_eq!(times("03/14/2025 04:05:06"), (american.to_vec(), 0));
    // Nobody knows: read as month/day, and told once.
    let (unknown, problems) = times("04/03/2025 04:05:06");
    assert_eq!((unknown[0].as_str(), problems), ("2025-03-02", 1));
}

#[test]
fn two_servers_are_never_one() {
    let log = format!(
        "<event date='09/21/2021 13:00:00' severity='4' hostName='PS77' source='Package Delivery' process='a.exe' pid='7' thread='8' tickCount='9' >\n<![CDATA[Marking package id: {ID} as deleted.]]>\n</event>\n"
    );
    let registry =
        "REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Altiris]\n\"MachineName\"=\"BER-PS-02\"\n";
    let history = format!("Time;Package;Status\n2021-09-21 13:00:00;{ID};Deleted\n");
    let all = read(&[
        ("e/PS77/Agent.log", log.as_str()),
        ("e/history.csv", history.as_str()),
        ("e/registry.reg", registry),
    ]);
    let servers: BTreeSet<&str> = all
        .events
        .iter()
        .filter_map(|event| event.server.as_deref())
        .collect();
    assert_eq!(servers, BTreeSet::from(["BER-PS-02", "PS77"]));
    assert!(all.events.iter().all(|event| event.sources.len() == 1));
}

const IIS: &str = "#Fields: date time cs-method cs-uri-stem sc-status sc-substatus sc-win32-status s-computername\n";

fn requested(time: &str, answer: &str, computer: &str) -> String {
    format!("2026-11-03 {time} GET /x/pkggroup_{ID}/a.cab {answer} {computer}\n")
}

#[test]
fn requests_are_utc_and_without_a_zone_they_have_no_order_with_the_log() {
    let log = "<event date='11/03/2026 03:00:05' severity='4' hostName='PS01' source='Package Server Agent' process='a.exe' pid='1' thread='2' tickCount='5'><![CDATA[Refresh]]></event>\n";
    let iis = format!("{IIS}{}", requested("02:00:05", "404 0 2", "-"));
    let at = |more: &[(&str, &str)]| {
        let mut files = vec![("b/Agent.log", log), ("b/u_ex261103.log", iis.as_str())];
        files.extend(more);
        let all = read(&files);
        let kinds: Vec<&str> = all.files.iter().map(|file| file.kind).collect();
        assert!(kinds.contains(&"iis-log"), "{kinds:?}");
        let is_request = |event: &&Event| event.fact.kind() == "file-not-found";
        let event = all.events.iter().find(is_request).unwrap().clone();
        let told = all
            .problems
            .iter()
            .any(|one| one.defect.contains("its times are UTC"));
        (event, told)
    };
    let (event, told) = at(&[]);
    assert!(told && event.at.offset.is_none());
    assert_eq!(event.at.end - event.at.start, 26 * 3_600_000 + 1_000);
    assert_eq!(event.server.as_deref(), Some("PS01"));
    let zone = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\TimeZoneInformation]\r\n\"TimeZoneKeyName\"=\"W. Europe Standard Time\"\r\n";
    let (event, told) = at(&[("b/zone.reg", zone)]);
    assert!(!told);
    assert_eq!(event.at.shown(), "2026-11-03T03:00:05+01:00");
    assert_eq!(event.sources[0].line, 2);
}

#[test]
fn requests_belong_to_the_computer_that_logged_them() {
    let log = |host: &str| {
        format!(
            "<event date='11/03/2026 03:00:05' severity='4' hostName='{host}' source='Package Server Agent' process='a.exe' pid='1' thread='2' tickCount='5'><![CDATA[Refresh]]></event>\n"
        )
    };
    let server = |path: &str, computer: &str, hosts: &[&str]| {
        let logs: Vec<(String, String)> = hosts
            .iter()
            .map(|host| (format!("b/{host}/Agent.log"), log(host)))
            .collect();
        let iis = format!("{IIS}{}", requested("02:00:05", "200 0 0", computer));
        let mut files: Vec<(&str, &str)> = logs
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        files.push((path, &iis));
        let all = read(&files);
        let is_request = |event: &&Event| event.fact.kind() == "file-served";
        all.events.iter().find(is_request).unwrap().server.clone()
    };
    let two = ["PS01", "PS02"];
    assert_eq!(
        server("b/PS02/u_ex.log", "-", &two).as_deref(),
        Some("PS02")
    );
    assert_eq!(server("b/u_ex.log", "ps02", &two).as_deref(), Some("PS02"));
    assert_eq!(server("b/u_ex.log", "-", &two), None);
    // The only server of the logs did not write what another computer wrote.
    assert_eq!(
        server("b/u_ex.log", "WEB9", &["PS01"]).as_deref(),
        Some("WEB9")
    );
    assert_eq!(
        server("b/u_ex.log", "-", &["PS01"]).as_deref(),
        Some("PS01")
    );
    assert_eq!(server("b/u_ex.log", "WEB9", &[]), None);
}

/// Two folders of one name hold files of one path, which only their content tells apart.
#[test]
fn without_hashes_files_keep_their_order() {
    let record = |text: &str| {
        format!(
            "<event date='11/03/2026 02:40:00' severity='4' hostName='PS01' source='Package Delivery' tickCount='7' >\r\n<![CDATA[Package {ID} {text}]]>\r\n</event>\r\n"
        )
    };
    let bundle = tempfile::tempdir().unwrap();
    let folders: Vec<PathBuf> = (0..6)
        .map(|number| {
            let folder = bundle.path().join(number.to_string()).join("logs");
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(
                folder.join("Agent.log"),
                record(&format!("is told {number}")),
            )
            .unwrap();
            folder
        })
        .collect();
    let read = |arguments: &[PathBuf], hashes: bool| {
        let options = Options {
            threads: 2,
            hashes,
            tags: false,
            ..Options::default()
        };
        super::read(arguments, &options, &crate::model::Silent)
    };
    let told = |found: &Ingested| {
        let texts = found.events.iter().map(|event| event.message.clone());
        texts.collect::<Vec<_>>()
    };
    let (with, without) = (read(&folders, true), read(&folders, false));
    assert_eq!(told(&with).len(), 6);
    assert_eq!(told(&with), told(&without));
    assert!(without.files.iter().all(|file| file.sha256.len() == 64));
    // Where every path is another, no hash is needed, and none is made.
    let one = read(&folders[..1], false);
    assert_eq!(told(&one).len(), 1);
    assert_eq!(one.files[0].sha256, "");
    assert_eq!(read(&folders[..1], true).files[0].sha256.len(), 64);
}

#[test]
fn the_end_of_a_log_does_not_go_on_at_its_own_beginning() {
    let record = |second: u32| {
        format!(
            "<event date='11/03/2026 02:00:{second:02}' severity='4' hostName='PS01' source='Package Delivery' process='a.exe' pid='7' thread='8' tickCount='{second}000' >\n<![CDATA[Marking package id: {ID} as deleted]]>\n</event>\n"
        )
    };
    let (begun, ended) = (record(3), record(1));
    let [begun, ended] = [&begun[..begun.len() - 30], &ended[ended.len() - 30..]];
    let log = [ended, &record(2), begun].concat();
    let found = read(&[("b/Agent.log", &log)]);
    assert_eq!((found.events.len(), found.problems.len()), (1, 2));
    // Another log's beginning may be the rest.
    let other = [ended, &record(5)].concat();
    let found = read(&[("b/Agent.log", &log), ("b/Agent1.log", &other)]);
    assert_eq!(found.events.len(), 3);
}
