using Hornet.Btf;
using Hornet.Compiler.CodeGen;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Gives fields of kernel types, named in the IR, the places the kernel's BTF tells. A pointer that the verifier knows is
/// followed directly; any other address is read with a helper into a piece of stack.
/// </summary>
internal sealed class KernelAccessLowering(Func<BtfSpec?> kernelTypes, CoreTypes? core, List<Diagnostic> diagnostics) : Pass
{
    private KernelLayout? _layout;

    public override bool Run(IrFunction function)
    {
        bool changed = false;
        Instruction[] buffer = [];
        foreach (var block in function.Blocks)
        {
            foreach (var instruction in block.Snapshot(ref buffer))
            {
                switch (instruction)
                {
                    case KernelLoad load: Lower(block, load); break;
                    case KernelFieldAddress address: Lower(block, address); break;
                    case KernelQuery query when core is not null:
                        Ask(query);
                        continue;
                    case KernelQuery query: Lower(block, query); break;
                    default: continue;
                }
                changed = true;
            }
        }
        return changed;
    }

    private KernelField? Resolve(Instruction instruction, string typeName, string path)
    {
        _layout ??= new KernelLayout(kernelTypes());
        if (_layout.TryResolve(typeName, path, out var field, out string? problem)) return field;
        diagnostics.Add(Diagnostic.Error(DiagnosticRules.UnknownKernelField, instruction.Location, problem!));
        return null;
    }

    private void Lower(BasicBlock block, KernelQuery query)
    {
        _layout ??= new KernelLayout(kernelTypes());
        bool exists = _layout.TryResolve(query.TypeName, query.Path, out var field, out string? problem);
        if (!exists && query.Fact != KernelFact.Exists) diagnostics.Add(Diagnostic.Error(DiagnosticRules.UnknownKernelField, query.Location, problem!));
        int answer = query.Fact switch
        {
            KernelFact.Exists => exists ? 1 : 0,
            KernelFact.Size => exists ? (int)field!.Size : 0,
            _ => exists ? (int)(field!.BitOffset / 8) : 0,
        };
        query.ReplaceAllUsesWith(Constant.Int32(answer));
        query.Remove();
        _ = block;
    }

    private void Lower(BasicBlock block, KernelFieldAddress address)
    {
        if (Resolve(address, address.TypeName, address.Path) is not { } field)
        {
            address.ReplaceAllUsesWith(Constant.Null(address.Type.Region));
            address.Remove();
            return;
        }
        if (field.BitfieldSize != 0)
            diagnostics.Add(Diagnostic.Error(DiagnosticRules.UnknownKernelField, address.Location, $"{address.TypeName}.{address.Path} is a bitfield and has no address"));
        Value pointer = address.Pointer;
        if (pointer.Type != address.Type) pointer = block.InsertBefore(address, new Conversion(ConversionKind.Reinterpret, pointer, address.Type) { Location = address.Location });
        var offset = core is null ? (Value)Constant.Int64(field.BitOffset / 8) : Fact(block, address, KernelFact.Offset, address.TypeName, address.Path);
        block.Replace(address, new PointerAdd(pointer, offset));
    }

    private void Lower(BasicBlock block, KernelLoad load)
    {
        if (Resolve(load, load.TypeName, load.Path) is not { } field)
        {
            load.ReplaceAllUsesWith(Constant.Of(load.Type, 0));
            load.Remove();
            return;
        }
        if (!field.IsScalar)
        {
            diagnostics.Add(Diagnostic.Error(DiagnosticRules.UnknownKernelField, load.Location, $"{load.TypeName}.{load.Path} is {field.Description}, which is no number or pointer: take its address, or name a member of it"));
            return;
        }
        if (core is not null)
        {
            LowerForLoader(block, load, field);
            return;
        }
        // A bitfield is cut out of the number that holds all of it.
        long offset = field.BitOffset / 8;
        int size = (int)field.Size;
        if (field.BitfieldSize != 0)
        {
            offset = field.BitOffset / 8 / size * size;
            while (field.BitOffset + field.BitfieldSize > (offset + size) * 8 && size < 8)
            {
                size *= 2;
                offset = field.BitOffset / 8 / size * size;
            }
        }
        var width = Width(size, field.IsSigned && field.BitfieldSize == 0);
        var type = load.Type.IsPointer ? load.Type : size == 8 || field.BitfieldSize != 0 ? IrType.I64 : load.Type;
        Value value;
        if (load.Pointer.Type.Region.Kind == RegionKind.Kernel)
        {
            value = Add(new Load(load.Pointer, checked((int)offset), width, type));
        }
        else
        {
            // The helper writes all that is loaded afterwards, zeros when it fails.
            var place = Add(new Alloca(8, 8, uninitialized: true));
            var from = offset == 0 ? load.Pointer : Add(new PointerAdd(load.Pointer, Constant.Int64(offset)));
            Add(new ReadMemory(ReadMemoryKind.Kernel, place, Constant.Int64(size), from));
            value = Add(new Load(place, 0, width, type));
        }
        if (field.BitfieldSize != 0)
        {
            // Up to the top, then down again: what is above falls off, the sign comes along.
            int bit = (int)(field.BitOffset - offset * 8);
            int up = BitConverter.IsLittleEndian ? 64 - bit - field.BitfieldSize : 64 - size * 8 + bit;
            value = Add(new Binary(BinaryOperator.Shl, value, Constant.Int64(up)));
            value = Add(new Binary(field.IsSigned ? BinaryOperator.AShr : BinaryOperator.LShr, value, Constant.Int64(64 - field.BitfieldSize)));
        }
        if (load.Type == IrType.I32 && value.Type == IrType.I64) value = Add(new Conversion(ConversionKind.Truncate, value, IrType.I32));
        load.ReplaceAllUsesWith(value);
        load.Remove();

        T Add<T>(T instruction) where T : Instruction
        {
            instruction.Location = load.Location;
            return block.InsertBefore(load, instruction);
        }
    }

    // Where, how wide and how signed a field is differs between kernels; whoever loads the program fills that in. As many
    // bytes as it has are read into eight zeros and shifted up to the top and down again, which is right for bitfields, too.
    // Pointers have the same width everywhere, and are read directly where the verifier is to know what they point to.
    private void LowerForLoader(BasicBlock block, KernelLoad load, KernelField field)
    {
        Value value;
        var from = Add(new PointerAdd(load.Pointer, Fact(block, load, KernelFact.Offset, load.TypeName, load.Path)));
        if (load.Type.IsPointer && load.Pointer.Type.Region.Kind == RegionKind.Kernel)
        {
            value = Add(new Load(from, 0, MemoryWidth.U64, load.Type));
        }
        else
        {
            var place = Add(new Alloca(8, 8, uninitialized: true));
            Add(new Store(place, 0, MemoryWidth.U64, Constant.Int64(0)));
            Add(new ReadMemory(ReadMemoryKind.Kernel, place, load.Type.IsPointer ? Constant.Int64(8) : Ask(KernelFact.Size, field.Size), from));
            value = Add(new Load(place, 0, MemoryWidth.U64, load.Type.IsPointer ? load.Type : IrType.I64));
            if (!load.Type.IsPointer)
            {
                value = Add(new Binary(BinaryOperator.Shl, value, Ask(KernelFact.LeftShift, 64 - field.Size * 8)));
                value = Add(new Binary(field.IsSigned ? BinaryOperator.AShr : BinaryOperator.LShr, value, Ask(KernelFact.RightShift, 64 - field.Size * 8)));
            }
        }
        if (load.Type == IrType.I32) value = Add(new Conversion(ConversionKind.Truncate, value, IrType.I32));
        load.ReplaceAllUsesWith(value);
        load.Remove();

        // Loaders answer for members; the elements of an array have the size they have here.
        Value Ask(KernelFact fact, long here) => load.Path.EndsWith(']') ? Constant.Int64(here) : Fact(block, load, fact, load.TypeName, load.Path);

        T Add<T>(T instruction) where T : Instruction
        {
            instruction.Location = load.Location;
            return block.InsertBefore(load, instruction);
        }
    }

    // A question that stays in the program, 64 bits wide.
    private Conversion Fact(BasicBlock block, Instruction before, KernelFact fact, string typeName, string path)
    {
        KernelQuery query = new(fact, typeName, path) { Location = before.Location };
        block.InsertBefore(before, query);
        Ask(query);
        return block.InsertBefore(before, new Conversion(ConversionKind.ZeroExtend32, query, IrType.I64) { Location = before.Location });
    }

    private void Ask(KernelQuery query)
    {
        string? problem = kernelTypes() is { } types ? core!.Add(types, query.TypeName, query.Path)
            : "kernel types are named, and there is no description of them to tell numbers from pointers: compile where /sys/kernel/btf/vmlinux is, or name a file with --btf";
        if (problem is not null) diagnostics.Add(Diagnostic.Error(DiagnosticRules.UnknownKernelField, query.Location, problem));
    }

    private static MemoryWidth Width(int size, bool signed) => signed && size < 8 ? size switch
    {
        1 => MemoryWidth.I8,
        2 => MemoryWidth.I16,
        _ => MemoryWidth.I32,
    }
    : MemoryWidths.Unsigned(size);
}
