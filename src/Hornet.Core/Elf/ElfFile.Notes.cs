using System.Text;

namespace Hornet.Elf;

public sealed partial class ElfFile
{
    private const uint NoteSegment = 4, GnuBuildIdNote = 3;

    /// <summary>
    /// All notes: of the note sections or, where a file has no section headers, of the note segments.
    /// </summary>
    public IReadOnlyList<ElfNote> Notes
    {
        get
        {
            List<ElfNote> notes = [];
            foreach (var section in Sections)
            {
                if (section.Type == ElfSectionType.Note) ReadNotes(Read(section), section.Alignment, notes);
            }
            if (Sections.Count > 0) return notes;
            foreach (var segment in Segments)
            {
                if (segment.Type == NoteSegment) ReadNotes(_source.Read(segment.Offset, segment.FileSize, $"{Name}: notes"), segment.Alignment, notes);
            }
            return notes;
        }
    }

    /// <summary>The notes of one section, such as <c>.note.stapsdt</c>; none when it is missing.</summary>
    public IReadOnlyList<ElfNote> NotesOf(string sectionName)
    {
        List<ElfNote> notes = [];
        if (FindSection(sectionName) is { } section) ReadNotes(Read(section), section.Alignment, notes);
        return notes;
    }

    /// <summary>The linker's fingerprint of the file (<c>.note.gnu.build-id</c>), the same in its separate debug file; null when there is none.</summary>
    public ReadOnlyMemory<byte>? BuildId
    {
        get
        {
            foreach (var note in Notes)
            {
                if (note is { Owner: "GNU", Type: GnuBuildIdNote }) return note.Description;
            }
            return null;
        }
    }

    /// <summary>The name and CRC-32 of the separate debug file (<c>.gnu_debuglink</c>); null when there is none.</summary>
    public (string FileName, uint Crc32)? DebugLink
    {
        get
        {
            if (FindSection(".gnu_debuglink") is not { } section) return null;
            var span = Read(section).Span;
            int end = span.IndexOf((byte)0);
            if (end < 0) throw new BpfFormatException($"{Name}: the name in .gnu_debuglink has no end");
            return (Encoding.UTF8.GetString(span[..end]), Bytes(span, $"{Name}: .gnu_debuglink").U32((end + 4) & ~3));
        }
    }

    private void ReadNotes(ReadOnlyMemory<byte> memory, ulong alignment, List<ElfNote> notes)
    {
        // Names and contents are padded to 4 bytes; only .note.gnu.property on 64-bit machines pads to 8.
        int align = alignment == 8 ? 8 : 4;
        string what = $"{Name}: notes";
        var bytes = Bytes(memory.Span, what);
        long at = 0;
        while (at + 12 <= bytes.Length)
        {
            uint nameSize = bytes.U32((int)at), size = bytes.U32((int)at + 4), type = bytes.U32((int)at + 8);
            long contents = Align(at + 12 + nameSize, align), next = Align(contents + size, align);
            if (contents + size > bytes.Length) throw new BpfFormatException($"{what}: the note at {at} reaches beyond its section");
            var name = bytes.Slice((int)at + 12, (int)nameSize).TrimEnd((byte)0);
            notes.Add(new ElfNote(Encoding.UTF8.GetString(name), type, memory.Slice((int)contents, (int)size)));
            at = next;
        }
    }

    private static long Align(long value, int to) => (value + to - 1) & -to;
}
