using Hornet.Btf;
using Hornet.Elf;

namespace Hornet.Tracing.Dwarf;

/// <summary>Where parameters are when a function begins.</summary>
internal static class CallingConvention
{
    // A struct of 16 bytes has no more fields than this that matter; a hostile one may claim many of size 0.
    private const int MostFields = 256;

    private enum Class
    {
        None,
        Integer,
        Vector,
        Memory,
    }

    /// <summary>The places of the parameters.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="result">The type of the result, with whether it is returned through an address the caller gives.</param>
    /// <param name="parameters">The types, with whether C++ passes the object's address.</param>
    public static ParameterLocation[] Locate(ElfMachine machine, (BtfType Type, bool ByReference) result, IReadOnlyList<(BtfType Type, bool ByReference)> parameters) => machine switch
    {
        ElfMachine.X64 => new X64().Locate(result, parameters),
        ElfMachine.Arm64 => new Arm64().Locate(parameters),
        _ => [.. parameters.Select(_ => new ParameterLocation([], false))],
    };

    private struct X64
    {
        private int _general, _vector, _stack;

        public ParameterLocation[] Locate((BtfType Type, bool ByReference) result, IReadOnlyList<(BtfType Type, bool ByReference)> parameters)
        {
            // The return address is on top.
            _stack = 8;
            if (result.ByReference || ReturnsInMemory(result.Type)) _general = 1;
            var places = new ParameterLocation[parameters.Count];
            for (int i = 0; i < places.Length; i++)
            {
                var (type, byReference) = parameters[i];
                places[i] = byReference ? new ParameterLocation([General(0, 8)], true) : new ParameterLocation(Value(type), false);
            }
            return places;
        }

        private ParameterPiece General(int offset, int size) => _general < 6
            ? new ParameterPiece(ParameterPlace.General, _general++, offset, size)
            : OnStack(size, 8);

        private ParameterPiece OnStack(long size, int alignment)
        {
            _stack = (_stack - 8 + alignment - 1 & -alignment) + 8;
            ParameterPiece piece = new(ParameterPlace.Stack, _stack, 0, (int)Math.Min(size, int.MaxValue / 2));
            _stack += (piece.Size + 7) & ~7;
            if (_stack < 0 || _stack > 1 << 24) throw new BpfFormatException("the parameters of a function are larger than any stack");
            return piece;
        }

        private ParameterPiece[] Value(BtfType type)
        {
            long size = type.ByteSize;
            if (size == 0) return [];
            var resolved = type.Resolve();
            int alignment = resolved.Kind is BtfKind.Float or BtfKind.Int && size == 16 ? 16 : 8;
            var (low, high) = Classify(type, size);
            if (low == Class.Memory) return [OnStack(size, alignment)];
            if (low == Class.None && high == Class.None) return [];
            int general = (low == Class.Integer ? 1 : 0) + (high == Class.Integer ? 1 : 0), vector = (low == Class.Vector ? 1 : 0) + (high == Class.Vector ? 1 : 0);
            // All of it in registers or all of it on the stack.
            if (_general + general > 6 || _vector + vector > 8) return [OnStack(size, alignment)];
            List<ParameterPiece> pieces = [Register(low, 0, (int)Math.Min(size, 8))];
            if (size > 8 && high != Class.None) pieces.Add(Register(high, 8, (int)size - 8));
            return [.. pieces];
        }

        private ParameterPiece Register(Class kind, int offset, int size) => kind == Class.Integer
            ? new ParameterPiece(ParameterPlace.General, _general++, offset, size)
            : new ParameterPiece(ParameterPlace.Vector, _vector++, offset, size);

        private static bool ReturnsInMemory(BtfType type)
        {
            long size = type.ByteSize;
            // long double comes back in a register of its own.
            return size > 0 && type.Resolve().Kind != BtfKind.Float && Classify(type, size).Low == Class.Memory;
        }

        private static (Class Low, Class High) Classify(BtfType type, long size)
        {
            if (size > 16) return (Class.Memory, Class.Memory);
            Span<Class> classes = [Class.None, Class.None];
            int fields = 0;
            if (!Classify(type, 0, classes, ref fields, 0)) return (Class.Memory, Class.Memory);
            return (classes[0], classes[1]);
        }

        private static bool Classify(BtfType type, long offset, Span<Class> classes, ref int fields, int depth)
        {
            type = type.Resolve();
            if (depth > 16 || ++fields > MostFields) return false;
            switch (type.Kind)
            {
                case BtfKind.Struct or BtfKind.Union:
                    foreach (var member in type.Members)
                    {
                        if (!Classify(member.Type, offset + member.ByteOffset, classes, ref fields, depth + 1)) return false;
                    }
                    return true;
                case BtfKind.Array:
                    var element = type.Target;
                    long size = element.ByteSize;
                    for (uint i = 0; size > 0 && i < type.ArrayLength; i++)
                    {
                        if (!Classify(element, offset + i * size, classes, ref fields, depth + 1)) return false;
                    }
                    return true;
                case BtfKind.Float when type.Size > 8 && !type.Name.Contains("128", StringComparison.Ordinal): return false;
                default:
                    var kind = type.Kind == BtfKind.Float ? Class.Vector : Class.Integer;
                    long length = type.ByteSize;
                    if (length == 0) return true;
                    for (long at = offset / 8; at <= (offset + length - 1) / 8; at++)
                    {
                        if (at > 1) return false;
                        // A quad-precision number is one register.
                        if (kind == Class.Vector && at > offset / 8) break;
                        classes[(int)at] = classes[(int)at] == Class.Integer || kind == Class.Integer ? Class.Integer : Class.Vector;
                    }
                    return true;
            }
        }
    }

    private struct Arm64
    {
        private int _general, _vector, _stack;

        public ParameterLocation[] Locate(IReadOnlyList<(BtfType Type, bool ByReference)> parameters)
        {
            var places = new ParameterLocation[parameters.Count];
            for (int i = 0; i < places.Length; i++)
            {
                var (type, byReference) = parameters[i];
                bool indirect = byReference || (type.Resolve().Kind is BtfKind.Struct or BtfKind.Union or BtfKind.Array && type.ByteSize > 16 && Homogeneous(type) is null);
                places[i] = new ParameterLocation(indirect ? Integer(8, 8) : Value(type), indirect);
            }
            return places;
        }

        private ParameterPiece[] Value(BtfType type)
        {
            long size = type.ByteSize;
            if (size == 0) return [];
            if (Homogeneous(type) is { } floats)
            {
                if (_vector + floats.Count > 8)
                {
                    _vector = 8;
                    return [OnStack(size, 8)];
                }
                var pieces = new ParameterPiece[floats.Count];
                for (int i = 0; i < pieces.Length; i++) pieces[i] = new ParameterPiece(ParameterPlace.Vector, _vector++, i * floats.Size, floats.Size);
                return pieces;
            }
            return Integer((int)size, type.Alignment > 8 || (type.Resolve().Kind == BtfKind.Int && size == 16) ? 16 : 8);
        }

        private ParameterPiece[] Integer(int size, int alignment)
        {
            int count = (size + 7) / 8;
            if (alignment == 16) _general = _general + 1 & ~1;
            if (_general + count > 8)
            {
                // No later argument goes back to a register.
                _general = 8;
                return [OnStack(size, alignment)];
            }
            var pieces = new ParameterPiece[count];
            for (int i = 0; i < count; i++) pieces[i] = new ParameterPiece(ParameterPlace.General, _general++, i * 8, Math.Min(8, size - i * 8));
            return pieces;
        }

        private ParameterPiece OnStack(long size, int alignment)
        {
            _stack = (_stack + alignment - 1) & -alignment;
            ParameterPiece piece = new(ParameterPlace.Stack, _stack, 0, (int)Math.Min(size, int.MaxValue / 2));
            _stack += (piece.Size + 7) & ~7;
            if (_stack < 0 || _stack > 1 << 24) throw new BpfFormatException("the parameters of a function are larger than any stack");
            return piece;
        }

        /// <summary>Up to four floating point numbers of one size and nothing else.</summary>
        private static (int Count, int Size)? Homogeneous(BtfType type)
        {
            int count = 0, size = 0, fields = 0;
            return Floats(type, ref count, ref size, ref fields, 0) && count is > 0 and <= 4 && (long)count * size >= type.ByteSize ? (count, size) : null;
        }

        private static bool Floats(BtfType type, ref int count, ref int size, ref int fields, int depth)
        {
            type = type.Resolve();
            if (depth > 16 || ++fields > MostFields || count > 4) return false;
            switch (type.Kind)
            {
                case BtfKind.Float:
                    if (size != 0 && size != (int)type.Size) return false;
                    size = (int)type.Size;
                    count++;
                    return true;
                case BtfKind.Struct:
                    foreach (var member in type.Members)
                    {
                        if (!Floats(member.Type, ref count, ref size, ref fields, depth + 1)) return false;
                    }
                    return true;
                case BtfKind.Union:
                    int before = count, most = count;
                    foreach (var member in type.Members)
                    {
                        count = before;
                        if (!Floats(member.Type, ref count, ref size, ref fields, depth + 1)) return false;
                        most = Math.Max(most, count);
                    }
                    count = most;
                    return true;
                case BtfKind.Array:
                    for (uint i = 0; i < type.ArrayLength; i++)
                    {
                        if (!Floats(type.Target, ref count, ref size, ref fields, depth + 1)) return false;
                    }
                    return true;
                default:
                    return false;
            }
        }
    }
}
