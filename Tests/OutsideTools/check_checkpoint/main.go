// Command check_checkpoint opens a signed checkpoint (c2sp.org/tlog-checkpoint)
// with golang.org/x/mod/sumdb/note, the reference implementation of signed
// notes, and prints its origin, size and root.
//
//	check_checkpoint VKEY FILE
//
// It is built with Debian's packages alone, see ../install.sh.
package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: check_checkpoint VKEY FILE")
		os.Exit(2)
	}
	if err := check(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[2], err)
		os.Exit(1)
	}
}

func check(vkey, file string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	bytes, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	opened, err := note.Open(bytes, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 {
		return errors.New("a checkpoint has at least three lines")
	}
	origin, digits, encoded := lines[0], lines[1], lines[2]
	if origin != verifier.Name() {
		return fmt.Errorf("the origin is %q, the key's name %q", origin, verifier.Name())
	}
	size, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || strconv.FormatUint(size, 10) != digits {
		return fmt.Errorf("the size is %q", digits)
	}
	root, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(root) != 32 {
		return fmt.Errorf("the root is %q", encoded)
	}
	fmt.Printf("origin %s\nsize %d\nroot %s\n", origin, size, encoded)
	return nil
}
