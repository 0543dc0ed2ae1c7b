//! Whether a pattern matches, never where.
//!
//! A regex that tells places is compiled for both directions, and for groups. What is only asked yes
//! or no needs one automaton, which is compiled in a third of the time; most patterns are tried on a few
//! dozen messages, so that compiling them is most of what they cost.

use super::lanes::{LANES, lane};
use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};
use regex_automata::util::pool::{Pool, PoolGuard};
use regex_automata::util::syntax;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::OnceLock;

type NewCache = Box<dyn Fn() -> Cache + Send + Sync + UnwindSafe + RefUnwindSafe>;

type Caches = [OnceLock<Pool<Cache, NewCache>>; LANES];

/// A pattern over shades, ready to be asked by several threads at once.
pub(super) struct Whether(Option<(DFA, Caches)>);

impl Whether {
    pub(super) fn of(pattern: &str) -> Whether {
        let bytes = syntax::Config::new()
            .unicode(false)
            .utf8(false)
            .multi_line(true);
        let forwards = Config::new()
            .utf8(false)
            .which_captures(WhichCaptures::None);
        let parts = Compiler::new()
            .syntax(bytes)
            .configure(forwards)
            .build(pattern);
        let automaton = parts
            .ok()
            .and_then(|parts| DFA::builder().build_from_nfa(parts).ok());
        // The patterns are constants: a test compiles the guards, and asks all others.
        debug_assert!(automaton.is_some(), "{pattern}");
        Whether(automaton.map(|automaton| (automaton, [const { OnceLock::new() }; LANES])))
    }

    pub(super) fn is_match(&self, shade: &[u8]) -> bool {
        let Some((automaton, caches)) = &self.0 else {
            return false;
        };
        let caches = caches[lane()].get_or_init(|| {
            let own = automaton.clone();
            let new: NewCache = Box::new(move || own.create_cache());
            Pool::new(new)
        });
        let mut cache: PoolGuard<'_, Cache, NewCache> = caches.get();
        // It gives up only where it was told when, and it was not.
        let found = automaton.try_search_fwd(&mut cache, &Input::new(shade).earliest(true));
        found.is_ok_and(|end| end.is_some())
    }
}
