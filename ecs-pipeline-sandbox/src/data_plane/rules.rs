//! Which rule of a listener a request matches.

use crate::world::{ListenerRoutes, Route};

/// The first rule that matches, in the order in which the listener tries them.
pub(super) fn first_match<'r>(
    routes: &'r ListenerRoutes,
    host: &str,
    path: &str,
) -> Option<(usize, &'r Route)> {
    routes.rules.iter().enumerate().find(|(_, rule)| {
        any(&rule.paths, |pattern| glob(pattern, path))
            && any(&rule.hosts, |pattern| {
                glob(
                    &pattern.to_ascii_lowercase(),
                    &host_name(host).to_ascii_lowercase(),
                )
            })
    })
}

fn any(patterns: &[String], matches: impl Fn(&str) -> bool) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern))
}

/// The host of a `Host` header without its port.
pub(super) fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// `*` stands for any characters or none, `?` for exactly one: the wildcards of ELBv2's rule
/// conditions.
fn glob(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where to go on when the text after the last `*` turns out not to match.
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&c) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(&want) if want == '?' || want == c => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    p = star + 1;
                    t = from + 1;
                    retry = Some((star, t));
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::world::Forward;

    #[test]
    fn wildcards_are_those_of_elbv2() {
        for (pattern, text, expected) in [
            ("/", "/", true),
            ("/img/*", "/img/", true),
            ("/img/*", "/img/a/b.png", true),
            ("/img/*", "/img", false),
            ("/img/*/pics", "/img/a/pics", true),
            ("/img/*/pics", "/img/a/b/pics", true),
            ("/img/*/pics", "/img/a/picsx", false),
            ("/?", "/a", true),
            ("/?", "/", false),
            ("/?", "/ab", false),
            ("*", "", true),
            ("*.b*c", "a.b.bxc", true),
            ("", "/", false),
            ("/IMG", "/img", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} on {text}");
        }
    }

    fn rule(paths: &[&str], hosts: &[&str]) -> Route {
        Route {
            paths: paths.iter().map(|&s| s.into()).collect(),
            hosts: hosts.iter().map(|&s| s.into()).collect(),
            forward: Forward::To(Vec::new()),
        }
    }

    #[test]
    fn the_first_rule_whose_every_condition_matches_wins() {
        let routes = ListenerRoutes {
            rules: vec![
                rule(&["/api/*"], &["*.example.com"]),
                rule(&["/api/*", "/v2"], &[]),
                rule(&[], &[]),
            ],
        };
        for (host, path, expected) in [
            ("A.EXAMPLE.com:8080", "/api/x", 0),
            ("other", "/api/x", 1),
            ("other", "/v2", 1),
            ("a.example.com", "/", 2),
        ] {
            assert_eq!(first_match(&routes, host, path).unwrap().0, expected);
        }
        assert!(first_match(&ListenerRoutes::default(), "h", "/").is_none());
    }
}
