//! The command line, as a Jenkins stage has it: a process, its output, and its exit code.

mod abort;
mod artifacts;
mod bad_input;
mod codebuild;
mod commands;
mod doctor;
mod ends;
mod infra;
mod policy;
mod project;
mod rehearse;
mod reports;
mod schemas;
mod strategies;
mod this_run;
