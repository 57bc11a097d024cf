using Hornet.Btf;
using Hornet.Compiler.KernelTypes;

namespace Hornet.Compiler.Passes;

/// <summary>A field of a kernel type, or a type itself.</summary>
/// <param name="BitOffset">Bits from the beginning of the type.</param>
/// <param name="Size">Bytes.</param>
/// <param name="BitfieldSize">The width of a bitfield in bits; 0 for any other field.</param>
/// <param name="IsSigned">Whether it is a signed number.</param>
/// <param name="IsScalar">Whether it is a number, an enumeration or a pointer.</param>
/// <param name="Description">What it is, for messages.</param>
internal sealed record KernelField(long BitOffset, long Size, int BitfieldSize, bool IsSigned, bool IsScalar, string Description);

/// <summary>Finds fields by name in the kernel's BTF, inside one object.</summary>
internal sealed class KernelLayout(BtfSpec? types)
{
    /// <summary>Follows a path of members and indices; a problem is told with what there is instead.</summary>
    public bool TryResolve(string typeName, string path, out KernelField? field, out string? problem)
    {
        field = null;
        if (types is null)
        {
            problem = $"{typeName}{(path.Length > 0 ? "." + path : "")} cannot be found: this kernel does not describe its types (CONFIG_DEBUG_INFO_BTF is off)";
            return false;
        }
        if (!new MemberPath(types).TryWalk(typeName, path, out var steps, out problem)) return false;
        if (steps is not [var step])
        {
            problem = $"{typeName}.{steps![0].Path} is {MemberPath.Describe(steps[0].Type)}: what it points to is another object, and read by itself";
            return false;
        }
        var type = step.Type.Resolve();
        bool scalar = type.Kind is BtfKind.Int or BtfKind.Pointer || type.IsEnum;
        long size = type.ByteSize;
        field = new KernelField(step.BitOffset, size, step.BitfieldSize, type.IsSigned, scalar && size is 1 or 2 or 4 or 8, MemberPath.Describe(step.Type));
        return true;
    }
}
