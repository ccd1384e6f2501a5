//! dump
#![allow(dead_code, unreachable_pub, missing_docs, clippy::all)]
#[path = "it/support/mod.rs"]
mod support;
#[test]
fn dump() {
    let filter = std::env::var("DUMP").unwrap_or_default();
    let c: std::collections::BTreeMap<String, String> = filter
        .split(' ')
        .filter_map(|p| p.split_once('='))
        .map(|(a, b)| (a.into(), b.into()))
        .collect();
    let choice = c
        .iter()
        .map(|(a, b)| (&*a.clone().leak(), &*b.clone().leak()))
        .collect();
    match support::combination::make(&choice) {
        Ok(stacks) => {
            for s in stacks {
                if let Ok(d) = std::env::var("DUMP_DIR") {
                    std::fs::write(format!("{d}/{}", s.template_file()), &s.template).unwrap();
                    std::fs::write(format!("{d}/{}", s.parameter_file()), s.parameter_text())
                        .unwrap();
                    println!("{}", s.deploy_command(&d));
                } else {
                    println!("== {}\n{}\n{}", s.name, s.template, s.parameter_text());
                }
            }
        }
        Err(e) => println!("{e}"),
    }
}
