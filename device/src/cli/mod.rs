//! The commands.

mod args;
mod attestations;
mod channels;
mod connect;
mod content;
mod failure;
mod intents;
mod keys;
mod mandates;
mod orders;
mod output;
mod owner;
mod pay;
mod scenario;
mod services;
mod show;
mod streams;

use std::{io::IsTerminal, process::ExitCode};

use clap::Parser;
use tracing_subscriber::EnvFilter;

use args::{Args, Command};
use failure::Failure;
use output::Output;

/// Parses the command line, runs the command, and says what went wrong.
pub(crate) fn run() -> ExitCode {
	let args = match Args::try_parse() {
		Ok(args) => args,
		Err(error) => return usage(&error),
	};
	log_to_stderr(args.global.verbose);
	let output = Output::new(args.global.output);
	let runtime =
		tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
	let result = match runtime {
		Ok(runtime) => {
			let result = runtime.block_on(command(&args, &output));
			// The light client's tasks have no end of their own.
			runtime.shutdown_background();
			result
		},
		Err(error) => Err(Failure::other(format!("cannot start: {error}"))),
	};
	match result {
		Ok(()) => ExitCode::SUCCESS,
		Err(failure) => {
			output.failure(&failure);
			ExitCode::from(failure.exit_code())
		},
	}
}

async fn command(args: &Args, output: &Output) -> Result<(), Failure> {
	let global = &args.global;
	match &args.command {
		Command::Key(command) => keys::key(command, global, output).await,
		Command::Registration(command) => keys::registration(command, global, output).await,
		Command::Owner(command) => owner::run(command, global, output).await,
		Command::Pay(command) => pay::pay(command, global, output).await,
		Command::PayBatch(command) => pay::pay_batch(command, global, output).await,
		Command::Channel(command) => channels::run(command, global, output).await,
		Command::Intent(command) => intents::run(command, global, output).await,
		Command::Stream(command) => streams::run(command, global, output).await,
		Command::Mandate(command) => mandates::run(command, global, output).await,
		Command::Order(command) => orders::run(command, global, output).await,
		Command::Service(command) => services::run(command, global, output).await,
		Command::Attest(command) => attestations::run(command, global, output).await,
		Command::Content(command) => content::run(command, global, output).await,
		Command::Balance(who) => show::balance(who, global, output).await,
		Command::Quota(who) => show::quota(who, global, output).await,
		Command::Machine(who) => show::machine(who, global, output).await,
		Command::Children(command) => show::children(command, global, output).await,
		Command::Did(command) => show::did(command, global, output).await,
		Command::Head(command) => show::head(command, global, output).await,
		Command::Scenario(command) => scenario::run(command, global, output).await,
	}
}

/// Usage errors leave as JSON too when that was asked for.
fn usage(error: &clap::Error) -> ExitCode {
	let wants_json =
		std::env::args().any(|argument| argument == "json" || argument == "--output=json");
	if error.use_stderr() && wants_json {
		let text = error.to_string();
		let message = text.strip_prefix("error: ").unwrap_or(&text).trim_end();
		Output::new(args::Format::Json).failure(&Failure::usage(message));
	} else {
		let _ = error.print();
	}
	ExitCode::from(if error.use_stderr() { failure::BAD_INPUT } else { 0 })
}

/// The light client talks a lot: it is heard only on demand.
fn log_to_stderr(verbose: u8) {
	let filter = match verbose {
		0 => "off",
		1 => "warn,dam_device=debug",
		2 => "info,dam_device=trace,subxt=debug,smoldot=debug",
		_ => "debug",
	};
	tracing_subscriber::fmt()
		.with_env_filter(EnvFilter::new(filter))
		.with_writer(std::io::stderr)
		.with_ansi(std::io::stderr().is_terminal())
		.init();
}
