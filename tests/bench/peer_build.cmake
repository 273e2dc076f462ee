# Read by llama.cpp's CMakeLists.txt right after its project(llama.cpp), through -DCMAKE_PROJECT_llama.cpp_INCLUDE.
# The peer is compiled as our own library is: same flags, same grouping of sources, same forced header.
include("${CMAKE_CURRENT_LIST_DIR}/../../packaging/setup/llama_build.cmake")

# That file leaves llama-common out, which the Python package never loads. llama-server is made of it.
set(LLAMA_BUILD_COMMON ON)
