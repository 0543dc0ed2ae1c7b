//! Registry exports (`.reg`): the server's name, its time zone, where the agent lies, how often it refreshes.

/// What a registry export states.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistryFacts {
    /// `TimeZoneKeyName`: the Windows name, `W. Europe Standard Time`.
    pub zone: Option<String>,
    /// The line of the zone, else of the bias, from 1; 0 if neither is there.
    pub zone_line: u32,
    /// `ActiveTimeBias`: minutes from local time to UTC, so -60 is east of UTC.
    pub bias_minutes: Option<i32>,
    /// `MachineName` of the agent, else `ComputerName`, else `Hostname`.
    pub machine: Option<String>,
    /// `InstallDir` of the agent.
    pub install_dir: Option<String>,
    /// `AgentExecInterval (sec)`.
    pub exec_interval_seconds: Option<u32>,
}

/// Whether a text is a registry export.
pub fn recognise(prefix: &str) -> bool {
    let text = prefix.trim_start_matches('\u{FEFF}').trim_start();
    text.starts_with("Windows Registry Editor") || text.starts_with("REGEDIT4")
}

/// Reads a registry export. Values that it does not state stay empty.
///
/// ```
/// use pkgtrail::ingest::parsers::registry::parse;
/// let facts = parse("REGEDIT4\n\n[HKEY]\n\"ActiveTimeBias\"=dword:ffffffc4\n");
/// assert_eq!(facts.bias_minutes, Some(-60));
/// ```
pub fn parse(text: &str) -> RegistryFacts {
    let mut facts = RegistryFacts::default();
    let mut machine_rank = u8::MAX;
    let mut agent_key = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            agent_key = line.to_lowercase().contains("altiris");
            continue;
        }
        let Some((name, value)) = entry(line) else {
            continue;
        };
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        match (name.to_lowercase().as_str(), value) {
            ("timezonekeyname", Value::Text(zone)) => {
                // Windows pads the value with what was there before, behind a NUL.
                let zone = zone.split('\0').next().unwrap_or_default().trim();
                if !zone.is_empty() {
                    (facts.zone, facts.zone_line) = (Some(zone.to_owned()), number);
                }
            }
            ("activetimebias", Value::Number(bias)) => {
                facts.bias_minutes = Some(bias.cast_signed());
                if facts.zone.is_none() {
                    facts.zone_line = number;
                }
            }
            (name @ ("machinename" | "computername" | "hostname"), Value::Text(machine)) => {
                let rank = match name {
                    "machinename" => 0,
                    "computername" => 1,
                    _ => 2,
                };
                if rank < machine_rank && !machine.is_empty() {
                    (machine_rank, facts.machine) = (rank, Some(machine));
                }
            }
            ("installdir" | "install path", Value::Text(folder))
                if agent_key || facts.install_dir.is_none() =>
            {
                facts.install_dir = Some(folder);
            }
            (name, Value::Number(seconds)) if name.starts_with("agentexecinterval") => {
                facts.exec_interval_seconds = Some(seconds);
            }
            _ => {}
        }
    }
    facts
}

enum Value {
    Text(String),
    Number(u32),
}

/// `"Name"="text"` or `"Name"=dword:0000003c`.
fn entry(line: &str) -> Option<(String, Value)> {
    let (name, rest) = quoted(line)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    if let Some(hex) = rest.strip_prefix("dword:") {
        // Fewer digits are a number that was cut.
        let hex = Some(hex.trim()).filter(|hex| hex.len() == 8)?;
        return Some((name, Value::Number(u32::from_str_radix(hex, 16).ok()?)));
    }
    Some((name, Value::Text(quoted(rest)?.0)))
}

/// A text in quotes, in which `\\` and `\"` stand for themselves, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut out = String::new();
    let mut letters = inner.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((out, &inner[at + 1..])),
            '\\' => out.push(letters.next()?.1),
            other => out.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Altiris\\Altiris Agent]\r\n\"InstallDir\"=\"D:\\\\Program Files\\\\Altiris Agent\"\r\n\"MachineName\"=\"BER-PS-02\"\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Altiris\\Altiris Agent\\Package Server]\r\n\"AgentExecInterval (sec)\"=dword:00015180\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\TimeZoneInformation]\r\n\"ActiveTimeBias\"=dword:ffffffc4\r\n\"TimeZoneKeyName\"=\"W. Europe Standard Time\"\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\x]\r\n\"ComputerName\"=\"OTHER\"\r\n\"InstallDir\"=hex(2):00,01\r\n";

    #[test]
    fn the_facts_are_read() {
        assert!(recognise(SAMPLE));
        assert_eq!(
            parse(SAMPLE),
            RegistryFacts {
                zone: Some("W. Europe Standard Time".to_owned()),
                zone_line: 12,
                bias_minutes: Some(-60),
                machine: Some("BER-PS-02".to_owned()),
                install_dir: Some("D:\\Program Files\\Altiris Agent".to_owned()),
                exec_interval_seconds: Some(86_400),
            }
        );
    }

    #[test]
    fn nothing_and_half_of_it_are_no_facts() {
        assert!(!recognise("[HKEY_LOCAL_MACHINE]") && !recognise(""));
        assert_eq!(parse(""), RegistryFacts::default());
        for cut in 0..SAMPLE.len() {
            let facts = parse(&SAMPLE[..cut]);
            assert!(
                facts
                    .zone
                    .is_none_or(|zone| zone == "W. Europe Standard Time")
            );
            assert!(facts.machine.is_none_or(|machine| machine == "BER-PS-02"));
        }
    }
}
