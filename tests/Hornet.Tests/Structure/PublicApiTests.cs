using Hornet.Core.Tests.Structure;

namespace Hornet.Tests.Structure;

public class PublicApiTests
{
    [Fact]
    public void The_public_surface_of_Hornet_is_the_approved_one() => PublicApiFile.Compare(typeof(BpfSession).Assembly, "src/Hornet/PublicAPI.approved.txt");
}
