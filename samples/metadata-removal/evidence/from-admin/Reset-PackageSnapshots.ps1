# run on the package server when clients get old files
Stop-Service AeXNSClient
$root = 'C:\Program Files\Altiris\Altiris Agent\Package Delivery'
Get-ChildItem $root -Recurse -Filter snapshot.xml | Remove-Item -Force -ErrorAction Continue
Start-Sleep -Seconds 900
Start-Service AeXNSClient
