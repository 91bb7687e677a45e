package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"openrelay/scanner/targets"
)

// Servers at once, where the user names no number.
const (
	workersPublic  = 200
	workersPrivate = 1400 // of networks that are nobody else's
)

// Fewer workers than fewWorkers have no connections made ahead of them: who asks for so few servers at once
// means those too that are connected and wait for their turn.
const fewWorkers = 16

// spared are the descriptors that a scan needs beside its connections: results, DNS, the terminal.
const spared = 64

// setPace fills in how fast to go: politely where a target is public, and never faster than this machine
// has descriptors for.
func (j *job) setPace(public bool) {
	s := &j.scanner
	if s.Workers == 0 {
		s.Workers = workersPrivate
		if public {
			s.Workers = workersPublic
		}
	}
	if s.PerNetwork == 0 && !public {
		s.PerNetwork = s.Workers + s.MaxConnecting
	}
	limit, limited := descriptors()
	have := max(2, limit-spared)
	if !limited || s.Workers+s.MaxConnecting <= have {
		return
	}
	s.Workers = min(s.Workers, have/2)
	s.MaxConnecting = min(s.MaxConnecting, have-s.Workers)
	j.ui.say("warning: %d file descriptors are allowed (ulimit -n): %d servers at once, %d connections in the making",
		limit, s.Workers, s.MaxConnecting)
}

// shard reads --shard: "0/4" is the first of four parts; "4" alone takes the number of the part from
// JOB_COMPLETION_INDEX, as Kubernetes sets it for indexed jobs.
func shard(text string, o *targets.Options) error {
	if text == "" {
		return nil
	}
	index, count, split := strings.Cut(text, "/")
	if !split {
		index, count = os.Getenv("JOB_COMPLETION_INDEX"), text
		if index == "" {
			return &usageError{fmt.Sprintf("--shard %s does not say which part, and JOB_COMPLETION_INDEX is not set", text),
				"openrelay scan --shard 0/" + text + " TARGET"}
		}
	}
	i, err := strconv.Atoi(index)
	n, err2 := strconv.Atoi(count)
	if err != nil || err2 != nil || n < 1 || i < 0 || i >= n {
		return &usageError{fmt.Sprintf("--shard %q: parts are counted from 0, so 4 parts are 0/4 to 3/4", index+"/"+count),
			"openrelay scan --shard 0/4 TARGET"}
	}
	o.Shard, o.Shards = i, n
	return nil
}
