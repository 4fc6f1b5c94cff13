# shellcheck shell=bash
# Node.js programs that test the chain. Sourced after common.sh and apt.sh.

# Folder with the program and its packages. Set by ensure_npm_packages.
NPM_DIR=

# Oldest Node.js that the programs run on.
NODE_MAJOR=18

# ensure_npm_packages PROJECT: installs the packages that PROJECT's lock file names, in a cache
# outside the repository, and sets NPM_DIR. Quick when the lock file is the same as last time.
ensure_npm_packages() {
	local project=$1 lock
	ensure_commands node:nodejs npm:npm
	(($(node -p 'process.versions.node.split(".")[0]') >= NODE_MAJOR)) ||
		die "Node.js $NODE_MAJOR or newer is needed; found $(node --version)" \
			"Install a newer Node.js from its own site or package source."
	lock=$(cat -- "$project/package.json" "$project/package-lock.json" | sha256sum | cut -c 1-16)
	NPM_DIR=$DAM_CACHE/npm/${project##*/}-$lock
	if [[ ! -e $NPM_DIR/.complete ]]; then
		say "installing the npm packages of ${project#"$DAM_ROOT"/}"
		rm -rf -- "$NPM_DIR"
		mkdir -p "$NPM_DIR"
		cp -- "$project/package.json" "$project/package-lock.json" "$NPM_DIR/"
		# No package may run a program of its own while it is installed.
		(cd "$NPM_DIR" && heartbeat "npm" npm ci --ignore-scripts --no-audit --no-fund \
			--loglevel=error) >"$NPM_DIR/npm.log" 2>&1 ||
			die "npm could not install the packages of ${project#"$DAM_ROOT"/}:" \
				"$(tail -n 5 "$NPM_DIR/npm.log")"
		touch "$NPM_DIR/.complete"
	fi
	# The programs themselves may have changed.
	find "$project" -maxdepth 1 -name '*.mjs' -exec cp -- {} "$NPM_DIR/" \;
}
