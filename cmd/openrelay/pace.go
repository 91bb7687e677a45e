package main

import "openrelay/scanner"

// Servers at once, where the user names no number.
const (
	workersPublic  = scanner.DefaultWorkers
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
