//! What a record tells besides its main fact: "checked: version 1601867730, status: Ready".
//!
//! The catalogue gives each record one fact. States and versions often stand in the same sentence,
//! and each is worth an event of its own: a stated version can clear or convict.

use crate::model::{Fact, Said, State};
use regex::Regex;
use std::sync::{Arc, LazyLock};

static STATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)\b(old |previous |last |former )?(?:status|state)\b\s*(?:is now|is|now|=|:|->)?\s*["'“‘]?(download pending|pending|downloading|retrying download|waiting to retry|not ready|ready|invalid|deleted)\b"#,
    )
    .ok()
});
static VERSION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(required |requested |new |server |old |previous |from )?version\b\s*(?:is|=|:|number)?\s*([0-9]{6,12})\b").ok()
});

/// What a message says besides, each as if it stood alone.
pub fn besides(said: &Said) -> Box<[Arc<Said>]> {
    let more = beside(&said.fact, &said.message).into_iter();
    let alone = |fact| {
        Arc::new(Said {
            fact,
            // That the message gives a name is said already.
            name: None,
            besides: Some(Box::default()),
            ..said.clone()
        })
    };
    more.map(alone).collect()
}

/// Further facts in the message of a record whose main fact is `fact`.
pub fn beside(fact: &Fact, message: &str) -> Vec<Fact> {
    let mut more = Vec::new();
    // Only facts that are told at a check; "failed, status: Retrying" has its state record beside it.
    let checked = matches!(
        fact,
        Fact::SnapshotUnchanged { .. }
            | Fact::VerificationPassed
            | Fact::VersionStated { .. }
            | Fact::TimesCorrected
    );
    if checked && let Some(state) = STATE.as_ref().and_then(|state| told_state(state, message)) {
        more.push(Fact::StateSeen { state });
    }
    if matches!(fact, Fact::DownloadFailed { .. })
        && let Some(http) = crate::ingest::messages::http_status(message)
    {
        more.push(Fact::NetworkFailed {
            code: None,
            http: Some(http),
        });
    }
    // Only these ask for a version; to look for one in every record costs more than to read it.
    let asks = matches!(
        fact,
        Fact::VerificationPassed
            | Fact::FilesMissing { .. }
            | Fact::VerificationFailed
            | Fact::TimesCorrected
            | Fact::StateSeen {
                state: State::Ready
            }
            | Fact::DownloadStarted
            | Fact::DownloadQueued
            | Fact::Assigned
    );
    let version = VERSION
        .as_ref()
        .filter(|_| asks)
        .and_then(|version| version.captures(message));
    if let Some(found) = version
        && let Some(value) = found
            .get(2)
            .and_then(|digits| digits.as_str().parse::<i64>().ok())
    {
        let word = found.get(1).map_or(String::new(), |word| {
            word.as_str().trim().to_ascii_lowercase()
        });
        let wanted = ["required", "requested", "new", "server"].contains(&word.as_str());
        let told = match fact {
            Fact::VerificationPassed
            | Fact::FilesMissing { .. }
            | Fact::VerificationFailed
            | Fact::TimesCorrected
            | Fact::StateSeen {
                state: State::Ready,
            } if word.is_empty() => Some(Fact::VersionStated {
                required: None,
                local: Some(value),
            }),
            Fact::DownloadStarted | Fact::DownloadQueued if wanted || word.is_empty() => {
                Some(Fact::VersionStated {
                    required: Some(value),
                    local: None,
                })
            }
            Fact::Assigned if wanted => Some(Fact::VersionStated {
                required: Some(value),
                local: None,
            }),
            _ => None,
        };
        more.extend(told);
    }
    more
}

fn told_state(state: &Regex, message: &str) -> Option<State> {
    let mut now = state
        .captures_iter(message)
        .filter(|found| found.get(1).is_none());
    let first = now.next()?;
    State::parse(first.get(2)?.as_str()).filter(|_| now.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_or_a_version_beside_the_main_fact_is_told() {
        let unchanged = Fact::SnapshotUnchanged {
            version: Some(1_700_000_000),
        };
        assert_eq!(
            beside(&unchanged, "no change, state = Ready"),
            [Fact::StateSeen {
                state: State::Ready
            }]
        );
        assert_eq!(beside(&unchanged, "no change, old state: Ready"), []);
        let passed = "version 1700000000 is current, integrity verified";
        let held = Fact::VersionStated {
            required: None,
            local: Some(1_700_000_000),
        };
        assert_eq!(beside(&Fact::VerificationPassed, passed), [held]);
        let started = Fact::VersionStated {
            required: Some(1_700_000_000),
            local: None,
        };
        assert_eq!(
            beside(
                &Fact::DownloadStarted,
                "initiated: version 1700000000, 5 blocks"
            ),
            [started]
        );
    }

    #[test]
    fn what_is_no_check_tells_no_state() {
        let failed = Fact::DownloadFailed {
            code: None,
            busy: false,
            older: false,
        };
        assert_eq!(beside(&failed, "failed, status: Ready for a retry"), []);
        assert_eq!(
            beside(&Fact::VerificationPassed, "agent version 8.7, state idle"),
            []
        );
        // Digits that no program writes hide no version behind them.
        let told = beside(
            &Fact::VerificationPassed,
            "version ١٢٣٤٥٦, version 1601867730",
        );
        let local = Some(1_601_867_730);
        assert_eq!(
            told,
            [Fact::VersionStated {
                required: None,
                local
            }]
        );
    }
}
