// Package scanner runs a probe over many targets, no faster than it may.
//
// One goroutine, that of [Scanner.Run], decides what begins; all others send it events. A target goes through these
// stages: it is fed by the list of targets; it waits aside while its address has a dialogue, or its network has as
// many as it may (schedule.go); its first connection is made ahead, so that addresses where nothing answers hold no
// worker (connect.go); it waits in a line for a worker; the probe runs; and the result is emitted. A probe that waits
// because a server asked for patience gives its worker back meanwhile (pause.go).
//
// What is ours is never taken for the target's: a shortage of descriptors or ports puts a target off and grants it the
// time (dial.go), a machine that is too busy begins fewer dialogues (load.go), a panic costs one target (guard.go),
// and when nothing answers any more, those that did before are asked whether the network here is down (outage.go).
package scanner
