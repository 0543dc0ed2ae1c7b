//! Layouts within the families, and what lies outside of them.

use super::*;

const GUID: &str = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";

fn layouts() -> Vec<String> {
    vec![
        format!(
            r"<?xml version='1.0' encoding='utf-16'?>
<SNAPSHOT ID='{GUID}' VERSION='1730383382' ROOT='\\ns01\Packages\Vpn' DATE='133748569820000000' HASH='abc='>
  <DIR Name='bin'>
    <DIR Name='x64'><FILE NAME='driver.sys' SIZE='20' DATE='133748569820000000' HASH='h2=' /></DIR>
    <FILE NAME='helper &amp; co.exe' SIZE='10' DATE='133748569820000000' HASH='h1=' />
  </DIR>
</SNAPSHOT>"
        ),
        format!(
            r"<packageSnapshot>
  <packageId>1ec214b8-e862-44a9-b3a6-27d918d136a2</packageId>
  <packageVersion>1730383382</packageVersion><location>\\ns01\Packages\Vpn</location>
  <creationTime>2024-10-31T14:03:02Z</creationTime><checksum>abc=</checksum>
  <items>
    <item><relativePath>bin\helper &#38; co.exe</relativePath><length>10</length>
      <lastWriteTime>2024-10-31T14:03:02Z</lastWriteTime><sha256>h1=</sha256>
      <blocks><block><offset>0</offset><hash>zz</hash><size>5</size></block></blocks></item>
    <item><relativePath>bin/x64/driver.sys</relativePath><length>20</length>
      <lastWriteTime>2024-10-31T14:03:02Z</lastWriteTime><sha256>h2=</sha256></item>
  </items>
</packageSnapshot>"
        ),
        format!(
            r"<Export version='2'><ps:Manifest xmlns:ps='urn:x' PackageGuid='{GUID}' Revision='1730383382' Codebase='\\ns01\Packages\Vpn' TimeStamp='2024-10-31 14:03:02 +00:00' Signature='abc='>
  <ps:Files count='2' path='ignored\x'>
   <ps:Entry Name='helper &amp; co.exe' Path='bin' Bytes='10' LastModified='2024-10-31T14:03:02Z'><ps:Hash algorithm='sha256'>h1=</ps:Hash></ps:Entry>
   <ps:Entry Name='driver.sys' Path='\bin\x64\driver.sys' Bytes='20' LastModified='2024-10-31T14:03:02Z'><ps:Hash value='h2='/></ps:Entry>
  </ps:Files></ps:Manifest></Export>"
        ),
        format!(
            r"<snapshot guid='{GUID}' revision='1730383382' source='\\ns01\Packages\Vpn' generated='1730383382' digest='abc='>
  <folder path='\\ns01\Packages\Vpn'><folder path='\\ns01\Packages\Vpn\bin'>
    <file name='helper &amp; co.exe' size='10' mtime='1730383382' digest='h1='/>
    <folder><name>x64</name><file name='driver.sys' size='20' mtime='1730383382' digest='h2='/></folder>
  </folder></folder></snapshot>"
        ),
        format!(
            r"<Snapshot><Package Id='{GUID}' Version='1730383382' Path='\\ns01\Packages\Vpn' Created='2024-10-31T14:03:02Z' Hash='abc='/>
  <Item Type='Directory' Name='bin'>
    <Item Type='File' Name='helper &amp; co.exe' Size='10' Modified='2024-10-31T14:03:02Z' Hash='h1='/>
    <Item Type='File' Name='bin\x64\driver.sys' Size='20' Modified='2024-10-31T14:03:02Z' Hash='h2='/>
  </Item><Item Type='Directory' Name='empty'/></Snapshot>"
        ),
    ]
}

#[test]
fn every_layout_of_the_families_says_the_same() {
    for text in layouts() {
        assert!(recognise(&text), "{text}");
        let (snapshot, defects) = parse(&text, None);
        assert_eq!(defects, [], "{text}");
        let snapshot = snapshot.unwrap();
        assert_eq!(snapshot.package, PackageId::parse(GUID), "{text}");
        assert_eq!(snapshot.version, Some(1_730_383_382), "{text}");
        assert_eq!(
            snapshot.path.as_deref(),
            Some(r"\\ns01\Packages\Vpn"),
            "{text}"
        );
        assert_eq!(snapshot.hash.as_deref(), Some("abc="), "{text}");
        let time = |stamp: Option<crate::model::Stamp>| stamp.and_then(|stamp| stamp.utc_ms());
        assert_eq!(time(snapshot.created), Some(1_730_383_382_000), "{text}");
        let files: Vec<_> = snapshot
            .files
            .iter()
            .map(|file| {
                (
                    file.path.as_str(),
                    file.size,
                    file.hash.as_deref(),
                    time(file.modified),
                )
            })
            .collect();
        let at = Some(1_730_383_382_000);
        assert_eq!(
            files,
            [
                (r"bin\helper & co.exe", Some(10), Some("h1="), at),
                (r"bin\x64\driver.sys", Some(20), Some("h2="), at),
            ],
            "{text}"
        );
        assert!(snapshot.complete);
        assert!(
            snapshot.version_text.contains("1730383382"),
            "{}",
            snapshot.version_text
        );
        assert!(
            snapshot.path_text.contains("ns01"),
            "{}",
            snapshot.path_text
        );
    }
}

#[test]
fn lines_are_those_of_the_facts() {
    let snapshot = parse(&layouts()[1], None).0.unwrap();
    assert_eq!((snapshot.version_line, snapshot.path_line), (3, 3));
    assert_eq!(
        snapshot
            .files
            .iter()
            .map(|file| file.line)
            .collect::<Vec<_>>(),
        [6, 9]
    );
    let snapshot = parse(&layouts()[0], None).0.unwrap();
    assert_eq!((snapshot.version_line, snapshot.files[0].line), (2, 5));
    let bare = "<snapshot>\n<file name='a' size='1'/></snapshot>";
    let snapshot = parse(bare, None).0.unwrap();
    assert_eq!((snapshot.version_line, snapshot.version), (1, None));
}

#[test]
fn one_day_over_twelve_decides_for_all_times() {
    let text = "<snapshot version='1730383382' date='02/03/2025 04:05:06'>
        <file name='a' size='1' date='01/02/2025 03:04:05'/><file name='b' size='1' date='13/02/2025 03:04:05'/></snapshot>";
    let snapshot = parse(text, None).0.unwrap();
    assert_eq!(
        snapshot.created.unwrap().local.to_string(),
        "2025-03-02 04:05:06"
    );
    assert_eq!(
        snapshot.files[0].modified.unwrap().local.to_string(),
        "2025-02-01 03:04:05"
    );
    let snapshot = parse(&text.replace("13/02", "02/13"), None).0.unwrap();
    assert_eq!(
        snapshot.created.unwrap().local.to_string(),
        "2025-02-03 04:05:06"
    );
}

#[test]
fn every_cut_is_incomplete() {
    for text in layouts() {
        let text = text + "\r\n";
        let end = text.trim_end().len();
        for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            let (snapshot, defects) = parse(&text[..cut], None);
            if cut < end {
                assert!(
                    snapshot.as_ref().is_none_or(|snapshot| !snapshot.complete),
                    "{cut}"
                );
                assert!(defects.iter().any(|defect| defect.lost), "{cut}");
                // A cut number is no number.
                let version = snapshot.and_then(|snapshot| snapshot.version);
                assert!(
                    version.is_none_or(|version| version == 1_730_383_382 || version == 2),
                    "{cut}"
                );
            } else {
                assert!(snapshot.unwrap().complete);
            }
        }
    }
}

#[test]
fn an_unknown_layout_is_a_defect() {
    let (snapshot, defects) = parse("<snapshot><what ever='1'/></snapshot>", None);
    assert!(snapshot.is_none());
    assert!(defects[0].what.contains("unknown layout"));
    assert!(recognise("<snapshot><what ever='1'/></snapshot>"));
    // A package without files is a layout that is known.
    let empty = parse("<snapshot version='1730383382'/>", None).0.unwrap();
    assert!(empty.files.is_empty() && empty.complete);
}

#[test]
fn other_documents_are_left_alone() {
    for text in [
        "<event date='Sep 26 15:37:19' severity='4'><![CDATA[snapshot.xml version 1730383382]]></event>",
        "<Policies><Policy guid='{1EC214B8-E862-44A9-B3A6-27D918D136A2}' version='1730383382'><SoftPkg Id='{1EC214B8-E862-44A9-B3A6-27D918D136A2}' InternalVersion='1127796544'><File name='x' size='1'/></SoftPkg></Policy></Policies>",
        "<Task version='1.2'><Triggers/><Actions><Exec><Command>robocopy</Command></Exec></Actions></Task>",
        "<html><body><item name='a' size='1'/></body></html>",
        "<configuration><entry name='a' size='1'/></configuration>",
        "<assembly manifestVersion='1.0'><file name='a.dll' hash='x'/></assembly>",
        "<PackageStatus Status='Ready' Time='2025-08-20 02:27:18'/>",
        "<feed><entry id='5' name='a' size='10'/></feed>",
        "snapshot",
        "",
        "<",
        "<snapshot",
    ] {
        assert!(!recognise(text), "{text}");
    }
    assert!(recognise(&layouts()[1][..600]));
}

#[test]
fn hashes_of_parts_are_not_the_hash_of_a_file() {
    let text = "<snapshot version='1730383382'><file name='a' size='9'><hashes><hash>p1</hash><hash>p2</hash></hashes></file>
        <file name='b' size='9'><info><hash>w</hash></info></file></snapshot>";
    let snapshot = parse(text, None).0.unwrap();
    assert_eq!(snapshot.files[0].hash, None);
    assert_eq!(snapshot.files[1].hash.as_deref(), Some("w"));
}

/// A small document must not ask for hours or gigabytes.
#[test]
fn files_in_too_many_or_too_long_folders_make_it_incomplete() {
    let nested = |folder: &str, files: usize| {
        let text = format!(
            "<snapshot id='{{1EC214B8-E862-44A9-B3A6-27D918D136A2}}' version='1730383382'>{folder}{}",
            "<file name='a' size='1'/>".repeat(files)
        );
        let ends = "</dir>".repeat(folder.matches("<dir").count());
        parse(&format!("{text}{ends}</snapshot>"), None)
    };
    let whole = |(snapshot, defects): (Option<Snapshot>, Vec<Defect>)| {
        let snapshot = snapshot.unwrap();
        assert_eq!(snapshot.complete, defects.is_empty());
        assert!(snapshot.complete || defects[0].lost);
        (snapshot.complete, snapshot.files.len())
    };
    let long = |length: usize| format!("<dir name='{}'>", "x".repeat(length));
    assert_eq!(whole(nested(&long(MAX_PATH - 1), 1)), (true, 1));
    assert_eq!(whole(nested(&long(MAX_PATH), 1)), (false, 0));
    let together = MAX_PATHS / MAX_PATH;
    assert_eq!(
        whole(nested(&long(MAX_PATH - 2), together)),
        (true, together)
    );
    assert_eq!(
        whole(nested(&long(MAX_PATH - 2), together + 9)),
        (false, together)
    );
    let wide = format!("<dir name='d' {}>", "b='1' ".repeat(4_000)).repeat(50);
    let (complete, files) = whole(nested(&wide, 100));
    assert!(!complete && (40..60).contains(&files), "{files}");
}
