//! Starting and killing, and the channels of this test.

use super::*;

/// A folder on the disk that the build is on, and not in memory.
pub fn folder(name: &str) -> PathBuf {
	let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
	let _ = std::fs::remove_dir_all(&folder);
	std::fs::create_dir_all(&folder).expect("the build's own folder can be written");
	folder
}

pub fn start(arguments: &[&str]) -> Child {
	Command::new(env::current_exe().expect("this program has a path"))
		.args(arguments)
		.stdin(Stdio::piped())
		.stdout(Stdio::piped())
		.spawn()
		.expect("this program can be started")
}

/// Kills the child by its own process id and makes sure that this is what ended it.
pub fn kill(child: &mut Child) {
	child.kill().expect("the child runs");
	let status = child.wait().expect("the child is ours");
	assert_eq!(status.signal(), Some(9), "the child ended by itself: {status}");
}

/// Reads frames in a thread of its own until the child is dead and the pipe is empty.
pub fn listen<T: Decode + Send + 'static>(child: &mut Child) -> mpsc::Receiver<T> {
	let mut stdout = child.stdout.take().expect("it is piped");
	let (sender, receiver) = mpsc::channel();
	thread::spawn(move || {
		while let Some(message) = receive(&mut stdout) {
			if sender.send(message).is_err() {
				return;
			}
		}
	});
	receiver
}

pub fn channel(lock: Lock) -> Channel<[u8; 32]> {
	Channel {
		payer: 3,
		payee: PAYEE,
		deposit: DEPOSIT,
		settled: 0,
		lock,
		grace: 1_000,
		closing: None,
		storage_deposit: 5,
	}
}

pub fn state(channel: Channel<[u8; 32]>, at: u32) -> ChannelState {
	ChannelState { channel, signer_until: None, at }
}
