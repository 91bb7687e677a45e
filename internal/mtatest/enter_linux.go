package mtatest

import (
	"os/exec"
	"syscall"
)

// isolate gives the command mount, PID, host name and IPC namespaces of its own. It is the first
// process of its PID namespace: whatever it starts, daemons included, ends when it does, and it
// ends when the test binary does, even by a kill.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		Pdeathsig:  syscall.SIGKILL,
	}
}
