//! What payer and payee say over TCP: frames.
//!
//! A frame is the length of its body in two bytes, little endian, and the body. The payer sends
//! payments, one in a frame; the payee answers each with one frame, in their order. A payee that
//! sells data sends it after the answer to a payment that it accepted, in a frame of its own. The
//! bodies are those of [`dam_primitives::exchange`], but for the data.
//!
//! Whoever gets something else closes the connection: there is no way to say where the next frame
//! would begin.

use std::{
	io::{self, Read, Write},
	net::TcpStream,
	time::{Duration, Instant},
};

use codec::{DecodeAll, Encode};
use thiserror::Error;

/// Most bytes of data that are sold with a payment.
pub const MAX_GOODS: usize = 16 * 1024;

/// Why a connection ended.
#[derive(Debug, Error)]
pub enum WireError {
	/// The other side has closed it between two messages.
	#[error("the other side has closed the connection: connect again")]
	Closed,
	/// The other side has closed it within a message.
	#[error("the connection ended within a message: connect again")]
	CutOff,
	/// Nothing came in time.
	#[error("nothing came within {} s: check that the other side still runs", .0.as_secs_f32())]
	TimedOut(Duration),
	/// The frame is longer than what it should have.
	#[error("a message of {found} bytes came, {most} is the most: the other side speaks another protocol")]
	TooLong {
		/// How long it would be.
		found: usize,
		/// The longest that there is.
		most: usize,
	},
	/// The body is not what it should be.
	#[error("a message makes no sense ({0}): the other side speaks another protocol")]
	Malformed(codec::Error),
	/// The system.
	#[error("the connection failed: {0}")]
	Io(io::Error),
}

/// Writes a message with one call.
///
/// # Errors
/// [`WireError::TooLong`], [`WireError::TimedOut`], [`WireError::Io`].
pub fn write(stream: &mut TcpStream, body: &[u8], patience: Duration) -> Result<(), WireError> {
	let most = usize::from(u16::MAX);
	let length =
		u16::try_from(body.len()).map_err(|_| WireError::TooLong { found: body.len(), most })?;
	let mut frame = Vec::with_capacity(2 + body.len());
	frame.extend(length.to_le_bytes());
	frame.extend_from_slice(body);
	stream.set_write_timeout(Some(patience)).map_err(WireError::Io)?;
	stream.write_all(&frame).map_err(|error| failed(error, patience))
}

/// [`write`]s the encoding of a message.
///
/// # Errors
/// As [`write`].
pub fn send(
	stream: &mut TcpStream,
	message: &impl Encode,
	patience: Duration,
) -> Result<(), WireError> {
	write(stream, &message.encode(), patience)
}

/// Reads a message of at most `most` bytes. It may begin within `idle`, and must be there `patience`
/// after it has begun.
///
/// # Errors
/// [`WireError`].
pub fn read(
	stream: &mut TcpStream,
	most: usize,
	idle: Duration,
	patience: Duration,
) -> Result<Vec<u8>, WireError> {
	let mut length = [0; 2];
	// The first byte may take its time; the others must not, however slowly they trickle.
	let (first, second) = length.split_at_mut(1);
	fill(stream, first, Instant::now() + idle, idle, true)?;
	let deadline = Instant::now() + patience;
	fill(stream, second, deadline, patience, false)?;
	let found = usize::from(u16::from_le_bytes(length));
	if found > most {
		return Err(WireError::TooLong { found, most });
	}
	let mut body = vec![0; found];
	fill(stream, &mut body, deadline, patience, false)?;
	Ok(body)
}

/// [`read`]s a message and decodes it, to its last byte.
///
/// # Errors
/// [`WireError`].
pub fn receive<T: DecodeAll>(
	stream: &mut TcpStream,
	most: usize,
	idle: Duration,
	patience: Duration,
) -> Result<T, WireError> {
	let body = read(stream, most, idle, patience)?;
	T::decode_all(&mut &body[..]).map_err(WireError::Malformed)
}

fn fill(
	stream: &mut TcpStream,
	buffer: &mut [u8],
	deadline: Instant,
	waited: Duration,
	may_end: bool,
) -> Result<(), WireError> {
	let mut filled = 0;
	while filled < buffer.len() {
		let left = deadline.saturating_duration_since(Instant::now());
		if left.is_zero() {
			return Err(WireError::TimedOut(waited));
		}
		stream.set_read_timeout(Some(left)).map_err(WireError::Io)?;
		match stream.read(&mut buffer[filled..]) {
			Ok(0) if may_end && filled == 0 => return Err(WireError::Closed),
			Ok(0) => return Err(WireError::CutOff),
			Ok(count) => filled += count,
			Err(error) if error.kind() == io::ErrorKind::Interrupted => {},
			Err(error) => return Err(failed(error, waited)),
		}
	}
	Ok(())
}

fn failed(error: io::Error, waited: Duration) -> WireError {
	match error.kind() {
		io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => WireError::TimedOut(waited),
		io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => WireError::CutOff,
		_ => WireError::Io(error),
	}
}
