# shellcheck shell=bash
# One development chain on loopback ports. Sourced after common.sh.

NODE_BINARY=$CARGO_TARGET_DIR/release/dam-node
DEVICE_BINARY=$CARGO_TARGET_DIR/release/dam-device

# Set by start_dev_chain.
CHAIN_DIR=
NODE_PID=
NODE_LOG=
RPC_URL=
# `/ip4/…/tcp/…/p2p/…`: where light clients dial.
P2P_ADDRESS=
# A device's program, told where the chain is, and the key file of the owner of all money there.
# Set by prepare_device.
DEVICE=()
OWNER_KEY=

# rpc METHOD [PARAMETERS]: the JSON answer; fails if the node does not answer.
rpc() {
	curl -fsS --max-time 10 -H 'content-type: application/json' \
		-d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":${2:-[]}}" "$RPC_URL"
}

node_runs() { kill -0 "$NODE_PID" 2>/dev/null; }

# What the node said last, and where all of it is.
show_node_log() {
	[[ -s $NODE_LOG ]] || return 0
	local kept
	kept=$(mktemp "${TMPDIR:-/tmp}/dam-node-XXXXXX.log")
	cp -- "$NODE_LOG" "$kept"
	printf '\nThe last lines of the node (the whole log is in %s):\n' "$kept" >&2
	tail -n 40 -- "$kept" >&2
}

node_failed() {
	show_node_log
	die "$@"
}

# Waits until the command succeeds: wait_for SECONDS WHAT COMMAND…
wait_for() {
	local limit=$1 what=$2 begun=$SECONDS
	shift 2
	until "$@"; do
		node_runs || node_failed "the node stopped while waiting for $what"
		((SECONDS - begun < limit)) || node_failed "no $what within $limit seconds"
		sleep 0.2
	done
}

# Whether something accepts connections on a loopback port.
port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Reads the port that the RPC server got from the node's log.
find_rpc() {
	local address
	address=$(sed -n 's/.*Running JSON-RPC server: addr=\(127\.0\.0\.1:[0-9]*\).*/\1/p' "$NODE_LOG" |
		head -n 1)
	[[ -n $address ]] && RPC_URL=http://$address
}

find_p2p() {
	P2P_ADDRESS=$(rpc system_localListenAddresses 2>/dev/null |
		grep -o '/ip4/127\.0\.0\.1/tcp/[0-9]*/p2p/[0-9A-Za-z]*' | head -n 1)
	[[ -n $P2P_ADDRESS ]]
}

# Number of the last finalized block; empty if the node does not answer.
finalized_number() {
	local hash number
	hash=$(rpc chain_getFinalizedHead 2>/dev/null | grep -o '0x[0-9a-f]\{64\}') || return 0
	number=$(rpc chain_getHeader "[\"$hash\"]" 2>/dev/null |
		grep -o '"number":"0x[0-9a-f]*"' | grep -o '0x[0-9a-f]*') || return 0
	printf '%d' "$number"
}

has_finalized() {
	local number
	number=$(finalized_number)
	((${number:-0} >= $1))
}

# Starts a development chain with a fresh state and node key, and waits for its first final blocks.
# start_dev_chain RPC_PORT; 0 takes any free port.
start_dev_chain() {
	CHAIN_DIR=$(mktemp -d "${TMPDIR:-/tmp}/dam-chain-XXXXXX")
	NODE_LOG=$CHAIN_DIR/node.log
	"$NODE_BINARY" key generate-node-key --file "$CHAIN_DIR/node-key" >/dev/null 2>"$NODE_LOG" ||
		node_failed "the node could not make a node key"
	"$NODE_BINARY" --dev --base-path "$CHAIN_DIR/base" --node-key-file "$CHAIN_DIR/node-key" \
		--listen-addr /ip4/127.0.0.1/tcp/0 --rpc-port "$1" --no-mdns --no-prometheus \
		--no-telemetry </dev/null >"$NODE_LOG" 2>&1 &
	NODE_PID=$!
	wait_for 60 "RPC server" find_rpc
	wait_for 60 "peer-to-peer address" find_p2p
	wait_for 120 "final block" has_finalized 2
}

# Writes what a device needs on the development chain, and its owner's key.
prepare_device() {
	local spec=$CHAIN_DIR/dev.json
	"$NODE_BINARY" build-spec --chain dev --raw --disable-default-bootnode >"$spec" \
		2>"$CHAIN_DIR/spec.log" ||
		die "the node could not write its chain specification:" "$(<"$CHAIN_DIR/spec.log")"
	OWNER_KEY=$CHAIN_DIR/owner.key
	"$DEVICE_BINARY" key import "$OWNER_KEY" --scheme sr25519 --suri //Alice >/dev/null ||
		die "the device could not make the owner's key file; it says why above"
	# shellcheck disable=SC2034 # read by the scripts that source this file
	DEVICE=("$DEVICE_BINARY" --chain-spec "$spec" --boot-node "$P2P_ADDRESS")
}

# Stops the node and removes everything it wrote. Safe to call at any time.
stop_dev_chain() {
	if [[ -n $NODE_PID ]]; then
		kill -TERM "$NODE_PID" 2>/dev/null || true
		local tries=0
		while node_runs && ((tries++ < 100)); do sleep 0.1; done
		kill -KILL "$NODE_PID" 2>/dev/null || true
		wait "$NODE_PID" 2>/dev/null || true
		NODE_PID=
	fi
	[[ -z $CHAIN_DIR ]] || rm -rf -- "$CHAIN_DIR"
	CHAIN_DIR=
}
