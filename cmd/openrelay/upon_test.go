package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"sync"
)

// upon is a program that runs another: upon WHEN DO PROGRAM [ARG...]. Once the other has said WHEN on
// standard error, a pattern, it does what there is to do: interrupts it, or makes the file of that name.
// If WHEN is "asked", that is once the name server at $ASKED was, which stands for an address in the
// arguments and answers nobody. It ends as the other does.
func upon() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: upon WHEN DO PROGRAM [ARG...]")
		os.Exit(2)
	}
	when, do := os.Args[1], os.Args[2]
	args, asked := os.Args[3:], make(chan struct{})
	if when == "asked" {
		l, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		for i := range args {
			args[i] = os.Expand(args[i], func(string) string { return l.LocalAddr().String() })
		}
		go func() {
			_, _, _ = l.ReadFrom(make([]byte, 1))
			close(asked)
		}()
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout = os.Stdin, os.Stdout
	said, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	act := sync.OnceFunc(func() {
		if do == "interrupt" {
			_ = cmd.Process.Signal(os.Interrupt)
		} else if err := os.WriteFile(do, nil, 0o666); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	})
	go func() { <-asked; act() }()
	pattern, in := regexp.MustCompile(when), bufio.NewReader(said)
	for {
		line, err := in.ReadString('\n')
		_, _ = io.WriteString(os.Stderr, line)
		if pattern.MatchString(line) && when != "asked" {
			act()
		}
		if err != nil {
			break
		}
	}
	_ = cmd.Wait()
	os.Exit(cmd.ProcessState.ExitCode())
}
