// Command verify checks an audit bundle with the reference implementation of signed notes and transparency logs,
// golang.org/x/mod/sumdb; README.en.md says how to build and use it. Exit code 0: all agrees; 1: a finding, the first one.
package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	key := flag.String("key", "", "the log's `VKEY` as published; without it, those in the bundle count")
	older := flag.String("older", "", "an earlier `CHECKPOINT` of this log, which the bundle has to continue")
	flag.Parse()
	b := open(flag.Arg(0))
	for _, name := range strings.Fields("README.de.md README.en.md verify.py verify.go plan.yaml policy") {
		b.member(name)
	}
	if vkeys := b.member("vkeys"); *key == "" {
		*key = string(vkeys)
		fmt.Println("the key came with the bundle: compare it with what was published elsewhere")
	}
	tree := openCheckpoint(b.member("checkpoint"), *key)
	reader := tlog.TileHashReader(tree, b) // It checks the tiles that it reads, up to the root.
	b.checkEvents(tree, reader)
	for name := range b.members { // What is disclosed is for verify.py to check.
		require(b.used[name] || strings.HasPrefix(name, "disclosures/"), "archive", "no member %q", name)
	}
	before := tlog.Tree{N: tree.N / 2}
	before.Hash, _ = tlog.TreeHash(before.N, reader)
	if *older != "" {
		text, err := os.ReadFile(*older)
		require(err == nil, *older, "a checkpoint: %v", err)
		before = openCheckpoint(text, *key)
	}
	if before.N > 0 {
		proof, _ := tlog.ProveTree(tree.N, before.N, reader)
		err := tlog.CheckTree(proof, tree.N, tree.Hash, before.N, before.Hash)
		require(err == nil, "checkpoint", "to continue the %d events with root %v, found others", before.N, before.Hash)
	}
	fmt.Printf("ok: %d events, root %v; the first %d are its beginning\n", tree.N, tree.Hash, before.N)
}

// require ends the program with a finding unless something holds.
func require(holds bool, place, expected string, arguments ...any) {
	if !holds {
		fmt.Printf(place+": expected "+expected+"\n", arguments...)
		os.Exit(1)
	}
}

// A bundle knows where the bytes of its members lie, and which were used.
type bundle struct {
	members map[string]*io.SectionReader
	used    map[string]bool
}

func open(path string) *bundle {
	file, err := os.Open(path)
	require(err == nil, "archive", "a file: %v", err)
	b := &bundle{map[string]*io.SectionReader{}, map[string]bool{}}
	for reader := tar.NewReader(file); ; {
		head, err := reader.Next()
		if err == io.EOF {
			rest, err := io.ReadAll(io.LimitReader(file, 10241))
			require(err == nil && len(rest) <= 10240 && len(bytes.Trim(rest, "\x00")) == 0, "archive", "only zeros at its end")
			return b
		}
		require(err == nil, "archive", "members in the format ustar, found: %v", err)
		require(b.members[head.Name] == nil && head.Typeflag == tar.TypeReg && head.Format == tar.FormatUSTAR && head.Size <= 1<<26,
			"archive", "regular ustar files of at most 64 MiB, each once, found %q, type %q, %d bytes", head.Name, head.Typeflag, head.Size)
		start, _ := file.Seek(0, io.SeekCurrent)
		b.members[head.Name] = io.NewSectionReader(file, start, head.Size)
	}
}

func (b *bundle) member(name string) []byte {
	require(b.members[name] != nil, "archive", "member %s, found none", name)
	data := make([]byte, b.members[name].Size())
	_, _ = b.members[name].ReadAt(data, 0) // It is there: the archive was read to its end.
	b.used[name] = true
	return data
}

// Package tlog reads tiles through these. Their names lack the height that it puts in front.
func (b *bundle) Height() int                     { return 8 }
func (b *bundle) SaveTiles([]tlog.Tile, [][]byte) {}
func (b *bundle) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		data = append(data, b.member(strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
	}
	return data, nil
}

// openCheckpoint verifies a checkpoint by those of the keys that bear its origin's name.
func openCheckpoint(text []byte, vkeys string) tlog.Tree {
	origin, _, _ := strings.Cut(string(text), "\n")
	var known []note.Verifier
	for _, vkey := range strings.Fields(vkeys) {
		if verifier, err := note.NewVerifier(vkey); err == nil && verifier.Name() == origin {
			known = append(known, verifier)
		}
	}
	signed, err := note.Open(text, note.VerifierList(known...))
	require(err == nil, "checkpoint", "a signature by a key of the name %q, found: %v", origin, err)
	lines := strings.SplitN(signed.Text+"\n\n", "\n", 4)
	size, _ := strconv.ParseInt(lines[1], 10, 64)
	root, err := tlog.ParseHash(lines[2])
	// No log is as long as 2^53, and the arithmetic of trees stays far from its limits below that.
	sound := err == nil && lines[1] == fmt.Sprint(size) && size < 1<<53 && (size > 0 || size == 0 && root == sha256.Sum256(nil))
	require(sound, "checkpoint", "origin, size and root, found %q", signed.Text)
	fmt.Printf("checkpoint of %d events, signed by %s+%08x\n", size, origin, signed.Sigs[0].Hash)
	return tlog.Tree{N: size, Hash: root}
}

// checkEvents compares every event with its tile and proves its inclusion; from 10 000 events on, of every n-th and the last.
func (b *bundle) checkEvents(tree tlog.Tree, reader tlog.HashReader) {
	step := tree.N/10000 + 1
	for start := int64(0); start < tree.N; start += 256 {
		tile, indexes := tlog.Tile{H: 8, L: -1, N: start / 256}, []int64{}
		for ; tile.W < 256 && start+int64(tile.W) < tree.N; tile.W++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, start+int64(tile.W)))
		}
		name := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		data := b.member(name)
		hashes, err := reader.ReadHashes(indexes)
		require(err == nil, name, "tiles that lead to the signed root, found: %v", err)
		for i, hash := range hashes {
			require(len(data) > 1 && len(data)-2 >= int(binary.BigEndian.Uint16(data)), name, "%d events", tile.W)
			entry, position := data[2:2+int(binary.BigEndian.Uint16(data))], start+int64(i)
			found, place := tlog.RecordHash(entry), fmt.Sprint("position ", position)
			require(found == hash, place, "hash %v as in the tiles, found %v computed from the event", hash, found)
			if data = data[2+len(entry):]; position%step == 0 || position == tree.N-1 {
				proof, _ := tlog.ProveRecord(tree.N, position, reader)
				require(tlog.CheckRecord(proof, tree.N, tree.Hash, position, hash) == nil, place, "a proof of inclusion")
			}
		}
		require(len(data) == 0, name, "%d events, found more", tile.W)
	}
}
