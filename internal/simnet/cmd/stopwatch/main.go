//go:build linux

// Command stopwatch runs a command and appends a line to a file: seconds it took, seconds of CPU,
// peak memory in MiB, seconds until it had first written to a file, and its exit status. Memory
// includes the few MiB of the stopwatch itself, which a child starts from.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	to := flag.String("to", "/dev/stdout", "file to append the line to")
	watch := flag.String("watch", "", "file whose first byte is waited for")
	flag.Parse()
	if err := run(*to, *watch, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "stopwatch:", err)
		os.Exit(1)
	}
}

func run(to, watch string, args []string) error {
	out, err := os.OpenFile(to, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	ended, first := make(chan struct{}), make(chan time.Duration, 1)
	go func() { first <- written(watch, start, ended) }()
	_ = cmd.Wait() // the exit status is in the line
	took := time.Since(start)
	close(ended)
	s := cmd.ProcessState
	_, err = fmt.Fprintf(out, "%.3f %.3f %.1f %.3f %d\n", took.Seconds(), (s.UserTime() + s.SystemTime()).Seconds(),
		float64(s.SysUsage().(*syscall.Rusage).Maxrss)/1024, (<-first).Seconds(), s.ExitCode())
	return err
}

// written is when a file had something in it, or -1 s if it never had before the end.
func written(name string, start time.Time, ended <-chan struct{}) time.Duration {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for name != "" {
		if info, err := os.Stat(name); err == nil && info.Size() > 0 {
			return time.Since(start)
		}
		select {
		case <-tick.C:
		case <-ended:
			return -time.Second
		}
	}
	return -time.Second
}
