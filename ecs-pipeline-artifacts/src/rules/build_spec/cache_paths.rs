//! A cache without paths.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-cache-paths",
    severity: Severity::Warning,
    summary: "`cache` does not say which paths",
    explanation: "`paths` is required: without it nothing is kept.",
    remedy: "List the paths, or leave `cache` out.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    let cache = spec.root.present("cache").filter(|cache| !no_object(cache));
    if let Some(cache) = cache.filter(|cache| cache.present("paths").is_none()) {
        findings.name(cache, "the cache has no `paths`");
    }
    let keys = cache.and_then(|cache| cache.get("fallback-keys"));
    if let Some(key) = keys.and_then(|keys| keys.items().get(5)) {
        findings.value(key, "a cache has at most 5 `fallback-keys`");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "buildspec.yml",
            &[
                (
                    "phases: {}\ncache: {paths: [a], fallback-keys: [a, b, c, d, e]}",
                    &[],
                ),
                ("phases: {}\ncache: {key: a}", &["cache"]),
                (
                    "phases: {}\ncache: {paths: [a], fallback-keys: [a, b, c, d, e, f]}",
                    &["cache.fallback-keys[5]"],
                ),
            ],
        );
    }
}
