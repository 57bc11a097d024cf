namespace Hornet.Tracing.Dwarf;

/// <summary>An entry of debug information: where it is. What it says is read when asked for.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Offset">Where it begins in the unit's section.</param>
internal readonly record struct DwarfDie(DwarfUnit Unit, int Offset)
{
    // Chains of specifications and abstract origins are two long in practice.
    private const int LongestChain = 8;

    public Tag Tag => Shape(out _)?.Tag ?? Tag.None;

    public bool HasChildren => Shape(out _)?.HasChildren ?? false;

    /// <summary>The number of the entry in its image.</summary>
    public long Number => Unit.Image.NumberOf(this);

    /// <summary>The entry's own name; empty when it has none.</summary>
    public ReadOnlySpan<byte> NameBytes => TryGet(At.Name, out var name) ? name.TextBytes : [];

    public string Name => TryGet(At.Name, out var name) ? name.Text : "";

    public bool IsDeclaration => TryGet(At.Declaration, out var value) && value.Flag;

    public DwarfChildren Children => new(this);

    public bool TryGet(At name, out DwarfValue value)
    {
        value = default;
        if (Shape(out var cursor) is not { } shape) return false;
        foreach (ref readonly var attribute in shape.Attributes.AsSpan())
        {
            if (attribute.Name == name)
            {
                value = DwarfValue.Read(ref cursor, Unit, attribute);
                return true;
            }
            DwarfValue.Skip(ref cursor, Unit, attribute);
        }
        return false;
    }

    public bool Has(At name)
    {
        if (Shape(out _) is not { } shape) return false;
        foreach (ref readonly var attribute in shape.Attributes.AsSpan())
        {
            if (attribute.Name == name) return true;
        }
        return false;
    }

    /// <summary>An attribute of the entry, or of the declaration or abstract function it completes.</summary>
    public bool TryGetInherited(At name, out DwarfValue value)
    {
        var die = this;
        for (int i = 0; i < LongestChain; i++)
        {
            if (die.TryGet(name, out value)) return true;
            if (!die.TryOrigin(out die)) break;
        }
        value = default;
        return false;
    }

    /// <summary>The declaration or abstract function that the entry completes.</summary>
    public bool TryOrigin(out DwarfDie origin)
    {
        // "origin" may be this very variable: nothing is written to it before all is read.
        if ((TryGet(At.AbstractOrigin, out var value) || TryGet(At.Specification, out value)) && value.TryReference(out var found))
        {
            origin = found;
            return true;
        }
        origin = default;
        return false;
    }

    /// <summary>The end of the chain of origins: the one entry that all instances of a function share.</summary>
    public DwarfDie Source
    {
        get
        {
            var die = this;
            for (int i = 0; i < LongestChain && die.TryOrigin(out var origin); i++) die = origin;
            return die;
        }
    }

    /// <summary>The type in a unit of its own that the entry only stands for; the entry itself otherwise.</summary>
    public DwarfDie Complete => TryGet(At.Signature, out var signature) && signature.TryReference(out var defined) ? defined : this;

    /// <summary>The type that the entry refers to; false for <c>void</c>.</summary>
    public bool TryType(out DwarfDie type)
    {
        if (TryGetInherited(At.Type, out var value) && value.TryReference(out var found))
        {
            type = found;
            return true;
        }
        type = default;
        return false;
    }

    /// <summary>The shape; null for the end of a list.</summary>
    /// <param name="cursor">Left at the first attribute.</param>
    internal Abbreviation? Shape(out DwarfCursor cursor)
    {
        cursor = new DwarfCursor(Unit.Data.Span[..Unit.End], Offset, Unit.Image.Sections.LittleEndian, Unit.Image.Sections.Name);
        if (Offset >= Unit.End) return null;
        ulong code = cursor.Uleb();
        return code == 0 ? null : Unit.Abbreviations.Find(code) ?? throw new BpfFormatException($"{Unit}: the entry at {Offset} has the abbreviation {code}, which is not declared");
    }
}

/// <summary>The entries directly below another.</summary>
internal readonly struct DwarfChildren(DwarfDie parent)
{
    public Enumerator GetEnumerator() => new(parent);

    /// <summary>Goes from an entry to the next, over what is below it.</summary>
    public struct Enumerator
    {
        private readonly DwarfUnit _unit;
        private int _next;
        private bool _done;

        internal Enumerator(DwarfDie parent)
        {
            _unit = parent.Unit;
            if (parent.Shape(out var cursor) is not { HasChildren: true } shape)
            {
                _done = true;
                return;
            }
            foreach (ref readonly var attribute in shape.Attributes.AsSpan()) DwarfValue.Skip(ref cursor, _unit, attribute);
            _next = cursor.Position;
        }

        public DwarfDie Current { get; private set; }

        public bool MoveNext()
        {
            if (_done) return false;
            int at = _next;
            Current = new DwarfDie(_unit, at);
            int next = Behind(_unit, at, out bool end);
            if (end)
            {
                _done = true;
                return false;
            }
            _next = next;
            return true;
        }

        /// <summary>Where the next entry on the same level begins.</summary>
        private static int Behind(DwarfUnit unit, int offset, out bool end)
        {
            end = false;
            DwarfCursor cursor = new(unit.Data.Span[..unit.End], offset, unit.Image.Sections.LittleEndian, unit.Image.Sections.Name);
            var abbreviations = unit.Abbreviations;
            int depth = 0;
            bool first = true;
            do
            {
                // Compilers leave out the zeroes at the end of a unit.
                if (cursor.AtEnd)
                {
                    end = first;
                    return cursor.Position;
                }
                ulong code = cursor.Uleb();
                if (code == 0)
                {
                    if (first)
                    {
                        end = true;
                        return 0;
                    }
                    depth--;
                    continue;
                }
                first = false;
                int at = cursor.Position;
                var shape = abbreviations.Find(code) ?? throw new BpfFormatException($"{unit}: the entry at {at} has the abbreviation {code}, which is not declared");
                int sibling = -1;
                if (!shape.HasChildren && shape.FixedSize >= 0)
                {
                    cursor.Skip((uint)shape.FixedSize);
                    continue;
                }
                foreach (ref readonly var attribute in shape.Attributes.AsSpan())
                {
                    if (attribute.Name == At.Sibling && DwarfValue.Read(ref cursor, unit, attribute) is var value)
                    {
                        if (value.Form is Form.Ref1 or Form.Ref2 or Form.Ref4 or Form.Ref8 or Form.RefUdata && value.Raw < (ulong)(unit.End - unit.HeaderOffset)) sibling = unit.HeaderOffset + (int)value.Raw;
                    }
                    else DwarfValue.Skip(ref cursor, unit, attribute);
                }
                if (!shape.HasChildren) continue;
                // A sibling before the end of the entry would lead in circles.
                if (sibling > cursor.Position) cursor.Position = sibling;
                else depth++;
            }
            while (depth > 0);
            return cursor.Position;
        }
    }
}
