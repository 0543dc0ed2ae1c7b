//! Made-up evidence of any size, the same bytes for the same arguments: agent logs and snapshot captures.
//!
//! Nothing in it is real. A Package Server hosts [`PACKAGES`] packages and looks at them over and
//! over; some are downloaded again, block by block. Three of ten records are about packages, the
//! rest is the chatter of other parts of the agent. A record takes about 380 bytes, so 256 MB hold
//! about 700,000 records.

use std::io::{self, Write};

/// Packages on the made-up server.
pub const PACKAGES: u64 = 24;
/// Records about a package that is looked at and found well, between two downloads.
const CHECKS: u64 = 840;
/// Blocks of one download.
const BLOCKS: u64 = 36;
/// Folders of a made-up package.
const FOLDERS: u64 = 40;
/// What other parts of the agent say; `#` is a number.
const CHATTER: [(&str, &str, &str); 10] = [
    (
        "Client Task Agent",
        "client task agent.dll",
        "CTaskExecutionEngineWin32::OnRun(): # tasks in queue, tickle connection to smp-main.corp.example is alive since # s",
    ),
    (
        "Agent",
        "AeXNSAgent.exe",
        "Configuration poll of smp-main.corp.example took # ms, delta is empty, next poll in # min",
    ),
    (
        "Inventory Rule Agent",
        "InvRuleAgent.dll",
        "Rule set #: evaluated # rules in # ms, cached # results, nothing has changed since the last evaluation",
    ),
    (
        "smfagent",
        "smfagent.dll",
        "Detection rule # for product Vendor Tool # (64-bit) gave # hits, registry hive read in # ms",
    ),
    (
        "ConfigServer",
        "AeXNSAgent.exe",
        "Server smp-main.corp.example answered in # ms, clock offset # ms, # policies received, none changed",
    ),
    (
        "BandwidthThrottle",
        "AeXNetComms.dll",
        "Throttling is off, measured # KB/s on adapter #, blockout window opens in # min",
    ),
    (
        "EventTransport",
        "AeXNSAgent.exe",
        "AeX_SWD_Execution_#.nse handed to the outbox, # bytes, # more wait for the next connection",
    ),
    (
        "UserMonitor",
        "AeXNSAgent.exe",
        r"User CORP\svc_backup# logged on, session #, idle # s, profile loaded in # ms",
    ),
    (
        "NetworkOperation",
        "AeXNetComms.dll",
        "Operation 'Head' finished in # ms, # bytes over connection #, keep-alive, proxy not used",
    ),
    (
        "Scheduler",
        "AeXNSAgent.exe",
        "Timer thread woke, # job(s) due, next one in # s, # triggers registered, # of them disabled",
    ),
];

/// A generator of numbers that is the same everywhere (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// The GUID of a package, without braces.
fn guid(package: u64) -> String {
    let tail = package.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!(
        "{:08x}-{:04x}-4{:03x}-b3a6-{:012x}",
        tail >> 32,
        tail >> 16 & 0xFFFF,
        tail & 0xFFF,
        tail.rotate_left(17) & 0xFFFF_FFFF_FFFF
    )
}

/// An agent log of at least `bytes` bytes, with `percent` of the records about packages.
pub fn log_about(out: &mut dyn Write, bytes: u64, percent: u64) -> io::Result<()> {
    let mut log = Log {
        dice: Dice(0x2545_F491_4F6C_DD1D),
        written: 0,
        // 2026-03-02 00:00:00 and a boot some days before.
        clock_ms: 1_772_409_600_000,
        tick: 300_000_000,
        text: String::new(),
    };
    let mut steps: Vec<(u64, u64)> = (0..PACKAGES).map(|package| (package, 0)).collect();
    while log.written < bytes {
        if log.dice.roll(100) >= percent {
            log.chatter(out)?;
            continue;
        }
        let one = log.dice.roll(PACKAGES) as usize;
        let (package, step) = steps[one];
        steps[one].1 = log.package(out, package, step)?;
    }
    Ok(())
}

struct Log {
    dice: Dice,
    written: u64,
    clock_ms: u64,
    tick: u64,
    text: String,
}

impl Log {
    fn chatter(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let (source, module, pattern) = CHATTER[self.dice.roll(CHATTER.len() as u64) as usize];
        self.text.clear();
        for part in pattern.split_inclusive('#') {
            self.text.push_str(part.trim_end_matches('#'));
            if part.ends_with('#') {
                let number = self.dice.roll(90_000);
                self.text.push_str(&number.to_string());
            }
        }
        self.record(out, 4, source, module)
    }

    /// One record of the life of a package; returns the next step. A life is [`CHECKS`] checks that
    /// find nothing, then files that are gone and a download.
    fn package(&mut self, out: &mut dyn Write, package: u64, step: u64) -> io::Result<u64> {
        let (id, version) = (guid(package), 1_700_000_000 + package);
        let of = BLOCKS;
        let text = match step {
            0..CHECKS if step.is_multiple_of(2) => format!(
                "Package {{{id}}}: required version {version}, local version {version}, snapshot on the server is unchanged, version {version}"
            ),
            0..CHECKS => {
                format!("Package 'Contoso Suite {package}' ({{{id}}}) checked. Status: Ready")
            }
            CHECKS => format!(
                "Package {{{id}}}: verification against snapshot version {version} found 12 of 12 file(s) missing"
            ),
            841 => format!(
                "Package {{{id}}} (Contoso Suite {package}): status changed from 'Ready' to 'Download Pending'"
            ),
            842 => format!("Starting download of package {{{id}}}"),
            843 => format!(
                "Package {{{id}}} (Contoso Suite {package}): status changed from 'Download Pending' to 'Downloading'"
            ),
            844..880 => format!(
                r"Package {{{id}}}: HTTP 206, block {}/{of} downloaded, {} bytes into 'lib\x64\render{}.dll'",
                step - 843,
                1_000_000 + self.dice.roll(900_000),
                step / 5
            ),
            880 => format!(
                "Package {{{id}}}: download completed, {of} block(s), 61171981 bytes in 40.1 s, 100% of the snapshot is on disk"
            ),
            _ => format!(
                "Package {{{id}}} (Contoso Suite {package}): status changed from 'Downloading' to 'Ready'"
            ),
        };
        self.text = text;
        self.record(out, 4, "Package Delivery", "AeXNSCPackageServer.dll")?;
        Ok(if step >= 881 { 0 } else { step + 1 })
    }

    fn record(
        &mut self,
        out: &mut dyn Write,
        severity: u8,
        source: &str,
        module: &str,
    ) -> io::Result<()> {
        let pause = 1 + self.dice.roll(2_200);
        self.clock_ms += pause;
        self.tick += pause;
        let thread = 1000 + 4 * self.dice.roll(300);
        let mut line = String::with_capacity(512);
        date(&mut line, self.clock_ms);
        let tick = self.tick;
        let text = format!(
            "<event date='{line}' severity='{severity}' hostName='PS-BENCH' source='{source}' module='{module}' process='AeXNSAgent.exe' pid='3848' thread='{thread}' tickCount='{tick}' >\r\n<![CDATA[{}]]>\r\n</event>\r\n",
            self.text
        );
        self.written += text.len() as u64;
        out.write_all(text.as_bytes())
    }
}

/// `03/02/2026 00:00:00.0000000 +01:00`.
fn date(out: &mut String, ms: u64) {
    let (days, day_ms) = (ms / 86_400_000, ms % 86_400_000);
    let (year, month, day) = civil(days as i64);
    let (hour, minute, second) = (
        day_ms / 3_600_000,
        day_ms / 60_000 % 60,
        day_ms / 1_000 % 60,
    );
    let fraction = day_ms % 1_000;
    out.push_str(&format!(
        "{month:02}/{day:02}/{year} {hour:02}:{minute:02}:{second:02}.{fraction:03}0000 +01:00"
    ));
}

/// Days since 1970 as a date of the calendar (Howard Hinnant's method).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (of_month, month) = (day - (153 * month + 2) / 5 + 1, (month + 2) % 12 + 1);
    (year + era * 400 + i64::from(month <= 2), month, of_month)
}

/// A snapshot of a package with `files` files.
pub fn snapshot(out: &mut dyn Write, package: u64, version: u64, files: u64) -> io::Result<()> {
    let id = guid(package);
    writeln!(out, r#"<?xml version="1.0" encoding="utf-8"?>"#)?;
    writeln!(
        out,
        r#"<PackageSnapshot packageGuid="{{{id}}}" name="Contoso Suite {package}" packageVersion="{version}" packagePath="\\nsmp\PkgSource\Suite{package}">"#
    )?;
    for folder in 0..files.min(FOLDERS) {
        writeln!(out, r#"  <Directory name="part{folder}">"#)?;
        for file in (folder..files).step_by(FOLDERS as usize) {
            let hash = (file + 1)
                .wrapping_mul(0x9E37_79B9_7F4A_7C15)
                .wrapping_add(version);
            writeln!(
                out,
                r#"    <File name="module{file}.dll" length="{}" lastModified="2026-01-12T14:00:17Z" sha256="{hash:016X}{hash:016X}"/>"#,
                10_000 + file * 37
            )?;
        }
        writeln!(out, "  </Directory>")?;
    }
    writeln!(out, "</PackageSnapshot>")
}
