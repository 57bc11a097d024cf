namespace Hornet.Core.Tests.Structure;

public class PublicApiTests
{
    [Fact]
    public void The_public_surface_of_Hornet_Core_is_the_approved_one() => PublicApiFile.Compare(typeof(BpfException).Assembly, "src/Hornet.Core/PublicAPI.approved.txt");
}
