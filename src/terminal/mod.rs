//! The terminal: what a session looks like and how its keys are read. Twice: prompts for a person at a terminal, plain
//! lines for a pipe. No rule of scheduling or checking is here.

pub mod edit;
pub mod flow;
pub mod highlight;
pub mod markdown;
pub mod opener;
pub mod paint;
pub mod pictures;
pub mod plain;
pub mod prompts;
pub mod screen;
pub mod view;
